import { ServiceError, type createKeyBody } from "@signalpath/contracts";
import {
  RefusedError,
  type KeyRecord,
  type Keys,
  type NewKey,
  type Projects,
} from "@signalpath/ports";
import { mintKey, type Kit } from "@signalpath/service-kit";
import type { z } from "zod";

import { shownKey, type CreatedKeyBody } from "./shown-key.ts";

export type CreateKeyBody = z.output<typeof createKeyBody>;

export interface KeyMintDeps {
  keys: Pick<Keys, "create">;
  projects: Pick<Projects, "get">;
  pepper: Uint8Array;
  kit: Pick<Kit, "now">;
}

/** What a new key is made of, before it has a secret. */
type KeyWish = Omit<NewKey, "prefix" | "hash">;

/**
 * Mints a key and shows it once.
 * @throws ServiceError PROJECT_NOT_FOUND, VALIDATION_FAILED (no scopes; other scopes than `write`
 * for a write key; an end that is past), CONFLICT (the source has two live write keys);
 * UnavailableError.
 */
export function createCreateKey(deps: KeyMintDeps) {
  return async (body: CreateKeyBody): Promise<CreatedKeyBody> => {
    if ((await deps.projects.get(body.project)) === undefined) {
      throw new ServiceError("PROJECT_NOT_FOUND", "no such project");
    }
    return mint(deps, wishOf(body, deps.kit.now()));
  };
}

/** Mints a second key like the given one, which lives on: that is how a rotation begins. */
export function mintLike(deps: KeyMintDeps, record: KeyRecord): Promise<CreatedKeyBody> {
  const { projectId, name, kind, scopes, source, profile, expiresAt } = record;
  return mint(deps, {
    projectId,
    name,
    kind,
    scopes,
    ...(source === undefined ? {} : { source }),
    ...(profile === undefined ? {} : { profile }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
}

/** A write key belongs to a source, its own name when none is given, and can only write. */
function wishOf(body: CreateKeyBody, nowMs: number): KeyWish {
  const isWrite = body.kind === "write";
  const source = isWrite ? (body.source ?? body.name) : body.source;
  const scopes = body.scopes ?? (isWrite ? ["write" as const] : ["read" as const]);
  if (scopes.length === 0) throw invalid("scopes", "a key needs at least one scope");
  if (isWrite && scopes.some((scope) => scope !== "write")) {
    throw invalid("scopes", "a source's write key can have the scope write alone");
  }
  if (body.expires_at !== undefined && Date.parse(body.expires_at) <= nowMs) {
    throw invalid("expires_at", "is in the past");
  }
  return {
    projectId: body.project,
    name: body.name,
    kind: body.kind,
    scopes: [...new Set(scopes)],
    ...(source === undefined ? {} : { source }),
    ...(body.profile === undefined ? {} : { profile: body.profile }),
    ...(body.expires_at === undefined
      ? {}
      : { expiresAt: new Date(body.expires_at).toISOString() }),
  };
}

function invalid(path: string, message: string): ServiceError {
  return new ServiceError("VALIDATION_FAILED", "the request is not valid", {
    issues: [{ path, message }],
  });
}

async function mint(deps: KeyMintDeps, wish: KeyWish): Promise<CreatedKeyBody> {
  const { key, prefix, hash } = mintKey(deps.pepper);
  try {
    const record = await deps.keys.create({ ...wish, prefix, hash });
    return { ...shownKey(record, deps.kit.now()), key };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw new ServiceError("CONFLICT", error.message, { cause: error });
  }
}
