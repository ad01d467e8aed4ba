import type { Scope } from "@signalpath/contracts";

export type KeyKind = "write" | "api";
export type SenderProfile = "rudderstack" | "standard";

/** A key as stored: never the key itself. */
export interface KeyRecord {
  id: number;
  projectId: number;
  name: string;
  kind: KeyKind;
  scopes: Scope[];
  source: string | undefined;
  profile: SenderProfile | undefined;
  prefix: string;
  createdAt: string;
  expiresAt: string | undefined;
  revokedAt: string | undefined;
  lastUsedAt: string | undefined;
}

export interface NewKey {
  projectId: number;
  name: string;
  kind: KeyKind;
  scopes: Scope[];
  source?: string;
  profile?: SenderProfile;
  expiresAt?: string;
  prefix: string;
  /** base64url HMAC-SHA256(pepper, key), or a brought-along `pbkdf2_sha256$...` (isLegacyHash). */
  hash: string;
}

/** A key that was brought along: its hash has to be worked out before it is known to be the one. */
export interface LegacyKey {
  record: KeyRecord;
  /** `pbkdf2_sha256$<iterations>$<salt>$<base64>`, perhaps with `django_` before it. */
  hash: string;
}

/** True for a stretched hash of another system: it is found by its prefix, never by itself. */
export function isLegacyHash(hash: string): boolean {
  return /^(?:django_)?pbkdf2_sha256\$/.test(hash);
}

/** Keys of all projects. A write key's source may have two live keys (rotation). */
export interface Keys {
  /** Throws RefusedError when a source already has two live write keys, or the project is unknown. */
  create(key: NewKey): Promise<KeyRecord>;
  /** The live or dead record with this hash; expiry is the caller's to judge. */
  findByHash(hash: string): Promise<KeyRecord | undefined>;
  /** Keys with this prefix whose hash is a legacy one, at most 8, in the order of their creation. */
  findLegacy(prefix: string): Promise<LegacyKey[]>;
  list(options: {
    projectId?: number;
    offset: number;
    limit: number;
  }): Promise<{ count: number; keys: KeyRecord[] }>;
  get(id: number): Promise<KeyRecord | undefined>;
  /** Idempotent; the first revocation's time stays. */
  revoke(id: number, at: string): Promise<KeyRecord | undefined>;
  touch(id: number, at: string): Promise<void>;
}
