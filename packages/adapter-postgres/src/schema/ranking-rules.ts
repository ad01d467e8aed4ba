import { boolean, index, integer, jsonb, pgTable, serial } from "drizzle-orm/pg-core";

import { moment } from "./column-types.ts";
import { projects } from "./projects.ts";

/** What merchandisers want of rankings. `definition`: all of a rule that is read as one. */
export const rankingRules = pgTable(
  "ranking_rules",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    isActive: boolean("is_active").notNull(),
    definition: jsonb("definition").notNull(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [index("ranking_rules_project").on(table.projectId)],
);
