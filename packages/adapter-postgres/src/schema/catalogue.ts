import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, pgTable, primaryKey } from "drizzle-orm/pg-core";

import { codePointText } from "./column-types.ts";

/** One row a project; its lock puts the versions in the order of their commits. */
export const catalogueVersions = pgTable("catalogue_versions", {
  projectId: integer("project_id").primaryKey(),
  version: integer("version").notNull(),
});

/** Removed items stay as rows, so that every index hears of the removal. */
export const catalogueItems = pgTable(
  "catalogue_items",
  {
    projectId: integer("project_id").notNull(),
    itemId: codePointText("item_id").notNull(),
    version: integer("version").notNull(),
    removed: boolean("removed").notNull(),
    /** Length of a live item's vector: its smallest and largest value must be one. */
    vectorLength: integer("vector_length"),
    item: jsonb("item").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.itemId] }),
    index("catalogue_items_version").on(table.projectId, table.version, table.itemId),
    index("catalogue_items_vector_length")
      .on(table.projectId, table.vectorLength)
      .where(sql`vector_length is not null`),
  ],
);
