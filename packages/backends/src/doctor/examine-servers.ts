import type { NatsConnection } from "@signalpath/adapter-nats";
import { createPostgresKeys, describeDatabase, openPostgres } from "@signalpath/adapter-postgres";
import { UnavailableError, type Keys } from "@signalpath/ports";

import type { BackendSettings } from "../opening.ts";
import { databaseFindings } from "./database-findings.ts";
import type { Finding } from "./finding.ts";
import { natsFindings } from "./nats-findings.ts";
import { redisFindings } from "./redis-findings.ts";

const PAGE = 500;

/**
 * Asks every server whose URL is set what it is. Reads only, and changes nothing. What cannot be
 * reached is a finding, not an error.
 */
export async function examineServers(
  settings: Pick<BackendSettings, "NATS_URL" | "NATS_NKEY_SEED" | "REDIS_URL" | "DATABASE_URL">,
): Promise<Finding[]> {
  const { NATS_URL: nats, REDIS_URL: redis, DATABASE_URL: database } = settings;
  const asked = await Promise.all([
    nats === undefined ? [] : reached("nats", () => examineNats(nats, settings.NATS_NKEY_SEED)),
    redis === undefined ? [] : reached("redis", () => examineRedis(redis)),
    database === undefined ? [] : reached("postgres", () => examineDatabase(database)),
  ]);
  return asked.flat();
}

async function reached(
  about: Finding["about"],
  examine: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await examine();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return [{ about, verdict: "refused", what: `does not answer: ${error.message}` }];
  }
}

async function examineNats(url: string, nkeySeed: string | undefined): Promise<Finding[]> {
  const { describeServer, openNats } = await import("@signalpath/adapter-nats");
  const connection = await openNats(url, {
    name: "signalpath-doctor",
    ...(nkeySeed === undefined ? {} : { nkeySeed }),
  });
  try {
    const server = describeServer(connection);
    return [
      ...natsFindings(url, server),
      ...(server.jetStream ? [await streamsFinding(connection)] : []),
    ];
  } finally {
    await connection.close();
  }
}

/** Only the administrator's identity may look at streams. */
async function streamsFinding(connection: NatsConnection): Promise<Finding> {
  const { missingStreams } = await import("@signalpath/adapter-nats");
  try {
    const missing = await missingStreams(connection);
    if (missing.length === 0) return { about: "nats", verdict: "ok", what: "streams are there" };
    const what = `no stream ${missing.join(", ")}: signalpath migrate`;
    return { about: "nats", verdict: "refused", what };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const what = `streams could not be looked at (${error.message}): run it as the administrator`;
    return { about: "nats", verdict: "warning", what };
  }
}

async function examineRedis(url: string): Promise<Finding[]> {
  const { closeRedis, openRedis, redisWarnings } = await import("@signalpath/adapter-redis");
  const client = await openRedis(url, { onError: () => {} });
  try {
    return redisFindings(await redisWarnings(client));
  } finally {
    await closeRedis(client);
  }
}

async function examineDatabase(url: string): Promise<Finding[]> {
  const database = openPostgres(url, { max: 1, onError: () => {} });
  try {
    const described = await describeDatabase(database.db);
    const findings = databaseFindings(described);
    if (described.pendingMigrations > 0) return findings;
    const keys = createPostgresKeys(database.db, { now: Date.now });
    return [...findings, await adminKeyFinding(keys, Date.now())];
  } finally {
    await database.close();
  }
}

/** Services start without one, but nobody can administer them. */
export async function adminKeyFinding(keys: Pick<Keys, "list">, nowMs: number): Promise<Finding> {
  const now = new Date(nowMs).toISOString();
  for (let offset = 0; ; offset += PAGE) {
    const page = await keys.list({ offset, limit: PAGE });
    const isThere = page.keys.some(
      ({ scopes, revokedAt, expiresAt }) =>
        scopes.includes("admin") &&
        revokedAt === undefined &&
        (expiresAt === undefined || Date.parse(expiresAt) > nowMs),
    );
    if (isThere) return { about: "keys", verdict: "ok", what: `an admin key is valid at ${now}` };
    if (page.keys.length < PAGE) break;
  }
  const what = "no valid admin key: signalpath keys create --direct --scopes admin";
  return { about: "keys", verdict: "warning", what };
}
