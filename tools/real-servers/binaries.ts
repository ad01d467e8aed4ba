import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The servers this harness can start. */
export const SERVER_KINDS = ["nats", "redis", "postgres"] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

/** Variable that names a running server of this kind, to be used instead of starting one. */
export const URL_VARIABLE: Readonly<Record<ServerKind, string>> = {
  nats: "NATS_URL",
  redis: "REDIS_URL",
  postgres: "DATABASE_URL",
};

const BINARIES: Readonly<Record<ServerKind, readonly string[]>> = {
  nats: ["nats-server"],
  redis: ["redis-server"],
  postgres: ["initdb", "postgres"],
};

// Debian keeps the server binaries of Postgres out of PATH, and system daemons in sbin.
function searchPath(): string[] {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((dir) => dir !== "");
  return [...path, "/usr/sbin", "/usr/local/sbin", ...debianPostgres(), "/usr/local/pgsql/bin"];
}

function debianPostgres(): string[] {
  const root = "/usr/lib/postgresql";
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(root, version, "bin"));
  } catch {
    return [];
  }
}

/** Full path of an executable, or undefined when this machine has none. */
export function findBinary(name: string): string | undefined {
  for (const dir of searchPath()) {
    const file = join(dir, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

/** Same as findBinary, but throws. */
export function requireBinary(name: string): string {
  const file = findBinary(name);
  if (file === undefined) throw new Error(`${name} is not installed (not in PATH)`);
  return file;
}

/** Why a server of this kind cannot be started here; undefined = it can. */
export function whyMissing(kind: ServerKind): string | undefined {
  const missing = BINARIES[kind].filter((name) => findBinary(name) === undefined);
  return missing.length === 0 ? undefined : `${missing.join(" and ")} not found in PATH`;
}
