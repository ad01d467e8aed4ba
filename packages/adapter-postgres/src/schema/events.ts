import { sql } from "drizzle-orm";
import { bigserial, boolean, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

import { codePointText, moment } from "./column-types.ts";

/** The archive. `payload` is the event as JSON text: byte for byte what came, NUL escapes included. */
export const events = pgTable(
  "events",
  {
    projectId: integer("project_id").notNull(),
    eventId: codePointText("event_id").notNull(),
    sequence: bigserial("sequence", { mode: "number" }).notNull(),
    subjectKey: codePointText("subject_key").notNull(),
    userId: text("user_id"),
    anonymousId: text("anonymous_id"),
    occurredAt: moment("occurred_at").notNull(),
    archivedAt: moment("archived_at").notNull(),
    kind: text("kind").notNull(),
    itemId: codePointText("item_id"),
    /** False for bots and exposures. */
    shapesModel: boolean("shapes_model").notNull(),
    payload: text("payload").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.eventId] }),
    // Ascending, read backwards: drizzle would declare DESC as NULLS LAST, which no plain DESC uses.
    index("events_subject").on(table.projectId, table.subjectKey, table.occurredAt, table.eventId),
    index("events_item")
      .on(table.projectId, table.itemId, table.occurredAt)
      .where(sql`item_id is not null`),
    // Rows arrive in nearly this order: a few pages of BRIN instead of a tree as long as the table.
    index("events_archived").using("brin", table.archivedAt),
    index("events_sequence").on(table.sequence),
  ],
);
