import { boolean, index, integer, pgTable, text } from "drizzle-orm/pg-core";

import { codePointText, moment } from "./column-types.ts";

export const deadLetters = pgTable(
  "dead_letters",
  {
    id: codePointText("id").primaryKey(),
    projectId: integer("project_id").notNull(),
    app: text("app").notNull(),
    code: text("code").notNull(),
    detail: text("detail").notNull(),
    receivedAt: moment("received_at").notNull(),
    eventId: text("event_id"),
    userKey: codePointText("user_key"),
    anonymousKey: codePointText("anonymous_key"),
    body: text("body").notNull(),
    truncated: boolean("truncated").notNull(),
    replays: integer("replays").notNull().default(0),
  },
  (table) => [
    index("dead_letters_received").on(table.projectId, table.receivedAt, table.id),
    index("dead_letters_user").on(table.projectId, table.userKey),
    index("dead_letters_anonymous").on(table.projectId, table.anonymousKey),
  ],
);
