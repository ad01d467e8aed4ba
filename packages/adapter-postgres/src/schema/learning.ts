import { index, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

import { codePointText, moment } from "./column-types.ts";

/** What a project has learned; its row is the lock of its lists' writers. */
export const learners = pgTable("learners", {
  projectId: integer("project_id").primaryKey(),
  policy: jsonb("policy").notNull(),
  sums: jsonb("sums").notNull(),
  decisions: integer("decisions").notNull(),
  updatedAt: moment("updated_at").notNull(),
});

/** Lists of learners, or what was heard of them before they were; kept for a while. */
export const servedLists = pgTable(
  "served_lists",
  {
    projectId: integer("project_id").notNull(),
    requestId: codePointText("request_id").notNull(),
    mode: text("mode"),
    occurredAt: moment("occurred_at").notNull(),
    userKey: codePointText("user_key").notNull(),
    anonymousKey: codePointText("anonymous_key").notNull(),
    decision: jsonb("decision"),
    outcomes: jsonb("outcomes").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.requestId] }),
    index("served_lists_newest").on(table.projectId, table.occurredAt, table.requestId),
    index("served_lists_occurred").on(table.occurredAt),
    index("served_lists_user").on(table.userKey),
    index("served_lists_anonymous").on(table.anonymousKey),
  ],
);
