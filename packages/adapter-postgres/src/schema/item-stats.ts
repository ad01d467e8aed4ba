import { integer, jsonb, pgTable, primaryKey } from "drizzle-orm/pg-core";

import { codePointText, moment } from "./column-types.ts";

/** How often something happened to an item in one hour of event time. */
export const itemHours = pgTable(
  "item_hours",
  {
    projectId: integer("project_id").notNull(),
    /** Hours since 1970, UTC. */
    hour: integer("hour").notNull(),
    itemId: codePointText("item_id").notNull(),
    eventClass: codePointText("event_class").notNull(),
    count: integer("count").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.hour, table.itemId, table.eventClass] }),
  ],
);

export const itemNeighbours = pgTable(
  "item_neighbours",
  {
    projectId: integer("project_id").notNull(),
    itemId: codePointText("item_id").notNull(),
    neighbours: jsonb("neighbours").notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.itemId] })],
);

/** When a project's neighbours were computed; its lock keeps two replacements apart. */
export const itemNeighbourTables = pgTable("item_neighbour_tables", {
  projectId: integer("project_id").primaryKey(),
  computedAt: moment("computed_at").notNull(),
});
