import { sql } from "drizzle-orm";

import type { Clock, RankingRules, StoredRankingRule } from "@signalpath/ports";

import { rowsOf, type Db } from "./db.ts";
import { transactWithRefusals } from "./experiments/refusals.ts";
import { guard, transact } from "./guard.ts";
import { rankingRules } from "./schema/ranking-rules.ts";
import { fromMs, isoTime } from "./sql-parts.ts";
import { lockProjectRow } from "./training/live-model.ts";
import { equals, json, oneRow, rowsPage } from "./training/rows-page.ts";

const RULE = sql`id, project_id, is_active, definition,
  ${isoTime(rankingRules.createdAt)} as created_at,
  ${isoTime(rankingRules.updatedAt)} as updated_at`;

type Own = "id" | "project_id" | "is_active" | "created_at" | "updated_at";
type Row = Pick<StoredRankingRule, Own> & { definition: Omit<StoredRankingRule, Own> };

/** Rules of rankings in Postgres or PGlite. */
export function createPostgresRankingRules(db: Db, { now }: { now: Clock }): RankingRules {
  return {
    create: ({ project_id, is_active, ...definition }) =>
      transact(db, async (tx) => {
        await lockProjectRow(tx, project_id);
        const at = fromMs(now());
        const row = await oneRow<Row>(
          tx,
          sql`insert into ${rankingRules} (project_id, is_active, definition, created_at, updated_at)
            values (${project_id}, ${is_active}, ${json(definition)}, ${at}, ${at})
            returning ${RULE}`,
        );
        return ruleOf(row as Row);
      }),
    get: (id) =>
      guard(async () => {
        const row = await oneRow<Row>(
          db,
          sql`select ${RULE} from ${rankingRules} where id = ${id}`,
        );
        return row && ruleOf(row);
      }),
    list: ({ project_id, is_active, ...page }) =>
      guard(async () => {
        const where = [equals("project_id", project_id), equals("is_active", is_active)];
        const from = { table: rankingRules, columns: RULE, where, order: sql`id` };
        const { count, rows } = await rowsPage<Row>(db, from, page);
        return { count, rows: rows.map(ruleOf) };
      }),
    update: (id, change) =>
      transactWithRefusals(db, async (tx, own) => {
        const row = await oneRow<Row>(
          tx,
          sql`select ${RULE} from ${rankingRules} where id = ${id} for update`,
        );
        if (row === undefined) return undefined;
        const current = ruleOf(row);
        const { is_active = current.is_active, ...changes } = own(() => change(ruleOf(row)));
        const next = { ...row.definition, ...changes };
        const changed = await oneRow<Row>(
          tx,
          sql`update ${rankingRules} set is_active = ${is_active}, definition = ${json(next)},
              updated_at = ${fromMs(now())}
            where id = ${id} returning ${RULE}`,
        );
        return changed && ruleOf(changed);
      }),
    remove: (id) =>
      guard(async () => {
        const gone = await rowsOf(
          db,
          sql`delete from ${rankingRules} where id = ${id} returning id`,
        );
        return gone.length > 0;
      }),
    check: () =>
      guard(async () => void (await rowsOf(db, sql`select from ${rankingRules} limit 1`))),
  };
}

function ruleOf({ definition, ...own }: Row): StoredRankingRule {
  return { ...definition, ...own };
}
