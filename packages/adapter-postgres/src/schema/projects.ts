import { jsonb, pgTable, serial, text } from "drizzle-orm/pg-core";

import { moment } from "./column-types.ts";

export const projects = pgTable("projects", {
  id: serial("id").primaryKey(),
  name: text("name").notNull(),
  createdAt: moment("created_at").notNull(),
  /** The project's own event map; null = the shipped one. */
  eventMap: jsonb("event_map"),
});
