import type { apiKey, createdKey } from "@signalpath/contracts";
import type { KeyRecord } from "@signalpath/ports";
import type { z } from "zod";

export type ApiKeyBody = z.output<typeof apiKey>;
export type CreatedKeyBody = z.output<typeof createdKey>;

/** A key as administrators see it: never the key, never its hash. */
export function shownKey(record: KeyRecord, nowMs: number): ApiKeyBody {
  const { expiresAt, revokedAt } = record;
  const isExpired = expiresAt !== undefined && Date.parse(expiresAt) <= nowMs;
  const lasts = isExpired ? "expired" : "active";
  const status = revokedAt === undefined ? lasts : "revoked";
  return {
    id: record.id,
    project: record.projectId,
    name: record.name,
    kind: record.kind,
    scopes: record.scopes,
    source: record.source ?? null,
    profile: record.profile ?? null,
    prefix: record.prefix,
    key_prefix: record.prefix,
    is_active: status === "active",
    status,
    created_at: record.createdAt,
    ins_datetime: record.createdAt,
    expires_at: expiresAt ?? null,
    revoked_at: revokedAt ?? null,
    last_used_at: record.lastUsedAt ?? null,
  };
}
