import type { NatsConnection } from "./connection.ts";

/** What a server of a certain version adds to those before it, where it matters here. */
const ADDED: readonly { since: string; what: string }[] = [
  {
    since: "2.10.0",
    what: "sync_interval: before it a power cut may lose up to 60 s of acknowledged messages",
  },
  { since: "2.10.0", what: "several filters a consumer (not used here)" },
  {
    since: "2.11.16",
    what: "fixes of security advisories of 2026: keep older servers off open networks",
  },
];

export interface ServerDescription {
  version: string;
  jetStream: boolean;
  /** Asks who connects: password, token, nkey or JWT. */
  authRequired: boolean;
  /** What a newer server would add, one sentence each. */
  missing: string[];
}

/** What the connected server is, to be printed at start. */
export function describeServer(connection: NatsConnection): ServerDescription {
  const { version = "0.0.0", jetstream = false, auth_required = false } = connection.info ?? {};
  const missing = ADDED.filter(({ since }) => older(version, since));
  return {
    version,
    jetStream: jetstream,
    authRequired: auth_required,
    missing: missing.map(({ since, what }) => `nats-server ${since} adds ${what}`),
  };
}

/** Compares `major.minor.patch`; what follows a dash is left out. */
export function older(version: string, than: string): boolean {
  const have = numbers(version);
  for (const [i, wanted] of numbers(than).entries()) {
    const part = have[i] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}

function numbers(version: string): number[] {
  return (version.split("-", 1)[0] ?? "").split(".").map(Number);
}
