import { randomUUID } from "node:crypto";

import { createManualClock, RefusedError } from "@signalpath/ports";
import { newVersion } from "@signalpath/ports/contract-suites";
import { describeWithServers } from "@signalpath/real-servers/for-tests.ts";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";

import { rowsOf, type Db } from "./db.ts";
import { grantGateway } from "./grant-gateway.ts";
import { createPostgresKeys } from "./keys.ts";
import { migrate } from "./migrate.ts";
import { openPostgres } from "./open-postgres.ts";
import { createPostgresProjects } from "./projects.ts";
import { newDatabase } from "./testing.ts";
import { createPostgresTraining } from "./training/training-stores.ts";

const { now } = createManualClock();
const stores = (db: Db) => createPostgresTraining(db, { now, newId: randomUUID });

describeWithServers("postgres", "the role of a gateway", (url) => {
  test("reads what serves and writes nothing at all", async () => {
    const owner = await newDatabase(url);
    const role = `gateway_${randomUUID().replaceAll("-", "")}`;
    const asRole = new URL(owner.url);
    asRole.searchParams.set("options", `-c role=${role}`);
    const gateway = openPostgres(asRole.href, { max: 1, onError: () => {} });
    try {
      await migrate(owner.db);
      const project = await createPostgresProjects(owner.db, { now }).create("shop");
      const key = await createPostgresKeys(owner.db, { now }).create({
        projectId: project.id,
        name: "k",
        kind: "api",
        scopes: ["predict"],
        prefix: "abcdefgh",
        hash: "h",
      });
      const { modelCatalogue, deploymentSlots } = stores(owner.db);
      const model = await modelCatalogue.create({ project_id: project.id, kind: "ease" });
      await modelCatalogue.register(newVersion(model, 1), { serve: true });
      const slot = { project_id: project.id, name: "s", trained_model_id: model.id };
      await deploymentSlots.create({ ...slot, weight: 1, is_active: true });

      await expect(grantGateway(owner.db, role)).rejects.toThrow(RefusedError);
      await owner.db.execute(sql`create role ${sql.identifier(role)}`);
      // A right from before is taken back.
      await owner.db.execute(sql`grant insert on keys to ${sql.identifier(role)}`);
      await grantGateway(owner.db, role);
      await grantGateway(owner.db, role);
      const [own] = await rowsOf<{ name: string }>(owner.db, sql`select current_user as name`);
      await expect(grantGateway(owner.db, own?.name ?? "")).rejects.toThrow(RefusedError);

      const [acting] = await rowsOf(gateway.db, sql`select current_user::text as name`);
      expect(acting).toEqual({ name: role });
      const keys = createPostgresKeys(gateway.db, { now });
      expect(await keys.findByHash("h")).toMatchObject({ id: key.id });
      expect(await keys.findLegacy("abcdefgh")).toEqual([]);
      const served = stores(gateway.db);
      expect(await served.modelCatalogue.served([model.id])).toMatchObject([{ version: 1 }]);
      expect(await served.deploymentSlots.routing(project.id)).toMatchObject({
        slots: [{ name: "s" }],
      });
      await expect(keys.touch(key.id, new Date(now()).toISOString())).rejects.toThrow(DENIED);
      await expect(served.modelCatalogue.promote(model.id, 1)).rejects.toThrow(DENIED);
      await expect(served.deploymentSlots.remove(1)).rejects.toThrow(DENIED);
      const tables = await rowsOf<{ name: string }>(
        owner.db,
        sql`select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
      );
      expect(tables.length).toBeGreaterThan(20);
      for (const { name } of tables) {
        for (const verb of ["INSERT", "UPDATE", "DELETE", "TRUNCATE"]) {
          const [may] = await rowsOf<{ may: boolean }>(
            owner.db,
            sql`select has_table_privilege(${role}, ${`public.${name}`}, ${verb}) as may`,
          );
          expect(may, `${verb} ${name}`).toEqual({ may: false });
        }
      }
      await expect(gateway.db.execute(sql`create table t ()`)).rejects.toThrow();
      await expect(gateway.db.execute(sql`select from events`)).rejects.toThrow();
      await expect(gateway.db.execute(sql`select from training_data`)).rejects.toThrow();
    } finally {
      await gateway.close();
      await owner.db.execute(sql`drop owned by ${sql.identifier(role)}`).catch(() => undefined);
      await owner.db.execute(sql`drop role if exists ${sql.identifier(role)}`);
      await owner.close();
    }
  });
});

const DENIED = /permission denied/;
