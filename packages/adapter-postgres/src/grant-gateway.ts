import { getTableName, sql } from "drizzle-orm";

import { RefusedError } from "@signalpath/ports";

import { rowsOf, type Db } from "./db.ts";
import { transact } from "./guard.ts";
import { deploymentSlots, slotRoutings } from "./schema/deployment.ts";
import { keys } from "./schema/keys.ts";
import { projects } from "./schema/projects.ts";
import { trainedModels, trainedModelVersions } from "./schema/trained-models.ts";

/** Tables an inference gateway reads. It writes none: that a key was used it tells on the bus. */
const READ = [projects, keys, trainedModels, trainedModelVersions, deploymentSlots, slotRoutings];

/**
 * Lets a role of the server read what a gateway needs, and takes every other right on our tables
 * from it. May be repeated; call it after `migrate`.
 *
 * @param role exists already, with a login of its own: passwords are the operator's.
 * @throws RefusedError when there is no such role, or it owns the tables; UnavailableError.
 */
export async function grantGateway(db: Db, role: string): Promise<void> {
  await transact(db, async (tx) => {
    const [found] = await rowsOf<{ owns: boolean; rules: boolean }>(
      tx,
      sql`select role.rolsuper as rules, exists (
            select from pg_tables where schemaname = 'public' and tableowner = role.rolname) as owns
          from pg_roles as role where role.rolname = ${role}`,
    );
    if (found === undefined) throw new RefusedError(`the database has no role ${role}`);
    if (found.owns || found.rules) {
      throw new RefusedError(`the role ${role} owns the tables: no grant could hold it back`);
    }
    const name = sql.identifier(role);
    const tables = sql.join(
      READ.map((table) => sql`public.${sql.identifier(getTableName(table))}`),
      sql`, `,
    );
    await tx.execute(sql`revoke all on all tables in schema public from ${name}`);
    await tx.execute(sql`revoke all on all sequences in schema public from ${name}`);
    await tx.execute(sql`grant usage on schema public to ${name}`);
    await tx.execute(sql`grant select on ${tables} to ${name}`);
  });
}
