import { sql } from "drizzle-orm";
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

/**
 * Lists of learners, or what units said of them before they were known; kept for a while. `user_key`
 * tells the unit; one row of a request has the decision, and then it is the only one.
 */
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
    primaryKey({ columns: [table.projectId, table.requestId, table.userKey] }),
    index("served_lists_newest").on(table.projectId, table.occurredAt, table.requestId),
    index("served_lists_occurred").on(table.occurredAt),
    index("served_lists_undecided")
      .on(table.occurredAt)
      .where(sql`decision is null`),
    index("served_lists_user").on(table.userKey),
    index("served_lists_anonymous").on(table.anonymousKey),
  ],
);
