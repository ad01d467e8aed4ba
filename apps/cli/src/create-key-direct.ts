import type { Scope } from "@signalpath/contracts";
import { openStores } from "@signalpath/backends";
import { derivePepper, mintKey, sha256 } from "@signalpath/service-kit";
import { RefusedError } from "@signalpath/ports";

import { CliError, EXIT, usageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";

export interface DirectKey {
  name: string;
  kind: "write" | "api";
  scopes: Scope[];
  project: number;
  source?: string;
  profile?: "rudderstack" | "standard";
  expiresAt?: string;
}

/** What is shown of it, once. */
export interface MadeKey {
  id: number;
  key: string;
  kind: "write" | "api";
  scopes: Scope[];
  project: number;
}

/**
 * Writes a key straight into the database of DATABASE_URL: how a new deployment gets its first
 * admin key. SECRET_KEY must be the one its services have. Project 1 is created when there is none.
 */
export async function createKeyDirect(io: Io, wanted: DirectKey): Promise<MadeKey> {
  const databaseUrl = io.env["DATABASE_URL"] || undefined;
  const secret = io.env["SECRET_KEY"] || undefined;
  if (databaseUrl === undefined || secret === undefined) {
    throw usageError("--direct needs DATABASE_URL and the SECRET_KEY of the services");
  }
  // As in production: tables are the business of `migrate`.
  const settings = { NODE_ENV: "production", DATABASE_URL: databaseUrl };
  const stores = await openStores(settings, {
    service: "cli",
    now: io.now,
    sha256,
    warn: (line) => io.err(`${line}\n`),
    onError: (error, what) => io.err(`${what}: ${String(error)}\n`),
  });
  try {
    if ((await stores.projects.list({ offset: 0, limit: 1 })).count === 0) {
      await stores.projects.create("default");
    }
    const { key, prefix, hash } = mintKey(derivePepper(secret));
    const { project, ...rest } = wanted;
    const { id } = await stores.keys.create({ ...rest, projectId: project, prefix, hash });
    return { id, key, kind: wanted.kind, scopes: wanted.scopes, project };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw new CliError("VALIDATION_FAILED", error.message, EXIT.refused, { cause: error });
  } finally {
    await stores.close();
  }
}
