import type { Scope } from "@signalpath/contracts";
import type { KeyKind, KeyRecord, Keys } from "@signalpath/ports";
import { adoptKey, ConfigError, mintKey, type KeyMaterial } from "@signalpath/service-kit";
import { z } from "zod";

import { readIfThere, writePrivate } from "./data-dir.ts";

const credentials = z.object({
  url: z.string(),
  project_id: z.int(),
  write_key: z.string(),
  api_key: z.string(),
  admin_key: z.string(),
  // Files of starts before it was there lack it.
  publishable_key: z.string().default(""),
});
export type Credentials = z.output<typeof credentials>;

type Name = "write_key" | "api_key" | "admin_key" | "publishable_key";

/** What each key may do. The names find the keys of an earlier start again. */
const KEYS: Record<Name, { name: string; kind: KeyKind; scopes: Scope[]; source?: string }> = {
  write_key: { name: "standalone write key", kind: "write", scopes: [], source: "standalone" },
  api_key: { name: "standalone api key", kind: "api", scopes: ["read", "write", "predict"] },
  admin_key: { name: "standalone admin key", kind: "api", scopes: ["admin"] },
  publishable_key: {
    name: "standalone publishable key",
    kind: "api",
    scopes: ["recommend", "ingest"],
  },
};

export interface CredentialsDeps {
  keys: Keys;
  pepper: Uint8Array;
  projectId: number;
  now: () => number;
}

/**
 * The keys of a data dir: those of its credentials file as long as they live, new ones otherwise.
 * A key the store does not know (another secret, another database) is taken in under its text.
 * @throws ConfigError for a file that is there and is none of ours: its keys may be in use.
 */
export async function ensureKeys(
  deps: CredentialsDeps,
  path: string,
): Promise<Omit<Credentials, "url">> {
  const kept = await readCredentials(path);
  const found: Record<Name, string> = {
    write_key: "",
    api_key: "",
    admin_key: "",
    publishable_key: "",
  };
  for (const name of Object.keys(KEYS) as Name[]) {
    found[name] = await ensureKey(deps, name, kept?.[name]);
  }
  return { project_id: deps.projectId, ...found };
}

/** Leaves them where a person and the CLI look for them, readable by their owner alone. */
export async function writeCredentials(path: string, current: Credentials): Promise<void> {
  await writePrivate(path, `${JSON.stringify(current, null, 2)}\n`);
}

async function readCredentials(path: string): Promise<Credentials | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return credentials.parse(JSON.parse(text));
  } catch {
    // The cause would quote keys.
    throw new ConfigError([
      `${path}: is damaged; mend it, or remove it to have new keys (the old ones end)`,
    ]);
  }
}

async function ensureKey(
  deps: CredentialsDeps,
  name: Name,
  text: string | undefined,
): Promise<string> {
  const kept = text === undefined || text === "" ? undefined : adoptKey(deps.pepper, text);
  const record = kept === undefined ? undefined : await deps.keys.findByHash(kept.hash);
  if (kept !== undefined && record !== undefined && isLive(record, deps.now())) return kept.key;
  // What was revoked stays revoked; what is merely unknown here keeps its text.
  const material = kept === undefined || record !== undefined ? mintKey(deps.pepper) : kept;
  await revokeEarlier(deps, KEYS[name].name);
  await store(deps, name, material);
  return material.key;
}

function isLive(record: KeyRecord, nowMs: number): boolean {
  if (record.revokedAt !== undefined) return false;
  return record.expiresAt === undefined || Date.parse(record.expiresAt) > nowMs;
}

async function revokeEarlier(deps: CredentialsDeps, name: string): Promise<void> {
  const page = 200;
  for (let offset = 0; ; offset += page) {
    const { keys } = await deps.keys.list({ projectId: deps.projectId, offset, limit: page });
    for (const key of keys) {
      if (key.name !== name || key.revokedAt !== undefined) continue;
      await deps.keys.revoke(key.id, new Date(deps.now()).toISOString());
    }
    if (keys.length < page) return;
  }
}

async function store(deps: CredentialsDeps, name: Name, material: KeyMaterial): Promise<void> {
  const { source, ...facts } = KEYS[name];
  await deps.keys.create({
    projectId: deps.projectId,
    ...facts,
    ...(source === undefined ? {} : { source }),
    prefix: material.prefix,
    hash: material.hash,
  });
}
