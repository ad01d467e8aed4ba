import { grantGateway, migrate, openPostgres } from "@signalpath/adapter-postgres";

/** What a migration did; a part that was not asked for is absent. */
export interface MigrationResult {
  /** Migrations applied to the database now; 0 = it was up to date. */
  migrations?: number;
  /** The gateway's role may read its tables, and no more. */
  gatewayRole?: string;
  /** The streams exist as they should. */
  streams?: true;
}

/**
 * Brings the servers of a deployment up to date: tables of the database, streams of the bus.
 * May be repeated and run by several at once.
 * @throws UnavailableError when a server cannot be reached; RefusedError for a role that is not
 * there, or that owns the tables.
 */
export async function migrateServers(servers: {
  databaseUrl?: string;
  /** Role of the database that inference gateways log in with: it is let read, and no more. */
  gatewayRole?: string;
  natsUrl?: string;
  /** Seed of the one NATS identity that may create streams. */
  nkeySeed?: string;
}): Promise<MigrationResult> {
  const result: MigrationResult = {};
  if (servers.databaseUrl !== undefined) {
    const database = openPostgres(servers.databaseUrl, { max: 1, onError: () => {} });
    try {
      result.migrations = await migrate(database.db);
      if (servers.gatewayRole !== undefined) {
        await grantGateway(database.db, servers.gatewayRole);
        result.gatewayRole = servers.gatewayRole;
      }
    } finally {
      await database.close();
    }
  }
  if (servers.natsUrl !== undefined) {
    const { nkeySeed } = servers;
    const { ensureStreams, openNats } = await import("@signalpath/adapter-nats");
    const connection = await openNats(servers.natsUrl, {
      name: "signalpath-migrate",
      ...(nkeySeed === undefined ? {} : { nkeySeed }),
    });
    try {
      await ensureStreams(connection);
      result.streams = true;
    } finally {
      await connection.close();
    }
  }
  return result;
}
