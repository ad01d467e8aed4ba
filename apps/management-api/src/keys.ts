import { ServiceError, subjects } from "@signalpath/contracts";
import type { KeyRecord, Keys } from "@signalpath/ports";
import type { Authenticator, HeaderValues } from "@signalpath/service-kit";

import type { Announce } from "./announce.ts";
import { mintLike, type KeyMintDeps } from "./create-key.ts";
import { offsetOf, pageOfRows, type Page, type PageRequest } from "./page.ts";
import { shownKey, type ApiKeyBody, type CreatedKeyBody } from "./shown-key.ts";

export interface KeyVerbsDeps extends KeyMintDeps {
  keys: Keys;
  authenticator: Pick<Authenticator, "deny">;
  announce: Announce;
}

/** List, read, revoke and rotate keys. @throws ServiceError KEY_NOT_FOUND; UnavailableError. */
export function createKeyVerbs(deps: KeyVerbsDeps) {
  const { keys, kit } = deps;

  function known(record: KeyRecord | undefined): KeyRecord {
    if (record === undefined) throw new ServiceError("KEY_NOT_FOUND", "no such key");
    return record;
  }

  return {
    async list(
      path: string,
      request: PageRequest & { project: number },
    ): Promise<Page<ApiKeyBody>> {
      const { project } = request;
      const { count, keys: rows } = await keys.list({
        ...(project > 0 ? { projectId: project } : {}),
        offset: offsetOf(request),
        limit: request.page_size,
      });
      const filters: Record<string, string> = project > 0 ? { project: String(project) } : {};
      const results = rows.map((record) => shownKey(record, kit.now()));
      return pageOfRows(path, request, filters, { count, results });
    },

    get: async (id: number): Promise<ApiKeyBody> => shownKey(known(await keys.get(id)), kit.now()),

    /** Idempotent: the first revocation's time stays. Refused here at once, elsewhere when heard. */
    async revoke(id: number, traceHeaders?: HeaderValues): Promise<ApiKeyBody> {
      const record = known(await keys.revoke(id, new Date(kit.now()).toISOString()));
      deps.authenticator.deny(id);
      const message = { project_id: record.projectId, key_id: id };
      await deps.announce(subjects.keyRevoked, message, { traceHeaders: traceHeaders ?? {} });
      return shownKey(record, kit.now());
    },

    /** @throws ServiceError CONFLICT for a key that is revoked or expired, or a source with two live keys. */
    async rotate(id: number): Promise<CreatedKeyBody> {
      const record = known(await keys.get(id));
      if (record.revokedAt !== undefined) {
        throw new ServiceError("CONFLICT", "a revoked key cannot be rotated");
      }
      if (record.expiresAt !== undefined && Date.parse(record.expiresAt) <= kit.now()) {
        throw new ServiceError("CONFLICT", "an expired key cannot be rotated");
      }
      return mintLike(deps, record);
    },
  };
}
