import {
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { codePointText, moment } from "./column-types.ts";
import { projects } from "./projects.ts";

/** Archived, never removed: rows of events name them. */
export const experiments = pgTable(
  "experiments",
  {
    id: uuid("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    name: text("name").notNull(),
    status: text("status").notNull(),
    /** Variations, rule of assignment, window, metrics: what is read as one. */
    definition: jsonb("definition").notNull(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    startedAt: moment("started_at"),
    stoppedAt: moment("stopped_at"),
  },
  (table) => [index("experiments_project").on(table.projectId, table.createdAt, table.id)],
);

/**
 * One row a unit. No reference to the experiment: its check would cost each row a look-up, and
 * experiments are never removed. Two keys, since a unit's id may be a user's or a device's.
 */
export const exposures = pgTable(
  "exposures",
  {
    experimentId: uuid("experiment_id").notNull(),
    firstExposedAt: moment("first_exposed_at").notNull(),
    variationIndex: integer("variation_index").notNull(),
    lo: integer("lo").notNull(),
    hi: integer("hi").notNull(),
    isBot: boolean("is_bot").notNull(),
    unit: codePointText("unit").notNull(),
    userKey: codePointText("user_key").notNull(),
    anonymousKey: codePointText("anonymous_key").notNull(),
    /** The call that turned the unit. */
    flippedIn: text("flipped_in"),
  },
  (table) => [
    primaryKey({ columns: [table.experimentId, table.unit] }),
    index("exposures_user").on(table.userKey),
    index("exposures_anonymous").on(table.anonymousKey),
  ],
);

export const conversions = pgTable(
  "conversions",
  {
    experimentId: uuid("experiment_id").notNull(),
    occurredAt: moment("occurred_at").notNull(),
    value: doublePrecision("value").notNull(),
    isBot: boolean("is_bot").notNull(),
    /** False: the key is ours and stands for "each counts". */
    keyed: boolean("keyed").notNull(),
    metric: codePointText("metric").notNull(),
    unit: codePointText("unit").notNull(),
    dedupKey: codePointText("dedup_key").notNull(),
    userKey: codePointText("user_key").notNull(),
    anonymousKey: codePointText("anonymous_key").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.experimentId, table.dedupKey] }),
    index("conversions_user").on(table.userKey),
    index("conversions_anonymous").on(table.anonymousKey),
  ],
);

/** Impressions, clicks and purchases of lists that deployment slots answered. */
export const slotEvents = pgTable(
  "slot_events",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    projectId: integer("project_id").notNull(),
    slotId: integer("slot_id").notNull(),
    occurredAt: moment("occurred_at").notNull(),
    storedAt: moment("stored_at").notNull(),
    value: doublePrecision("value"),
    isBot: boolean("is_bot").notNull(),
    keyed: boolean("keyed").notNull(),
    eventType: text("event_type").notNull(),
    userId: codePointText("user_id").notNull(),
    itemId: codePointText("item_id").notNull(),
    requestId: codePointText("request_id"),
    metadata: codePointText("metadata").notNull(),
    dedupKey: codePointText("dedup_key").notNull(),
    userKey: codePointText("user_key").notNull(),
    anonymousKey: codePointText("anonymous_key").notNull(),
  },
  (table) => [
    uniqueIndex("slot_events_key").on(table.projectId, table.dedupKey),
    index("slot_events_slot").on(table.slotId, table.eventType, table.occurredAt),
    index("slot_events_user").on(table.userKey),
    index("slot_events_anonymous").on(table.anonymousKey),
  ],
);

export const abTests = pgTable(
  "ab_tests",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    name: text("name").notNull(),
    status: text("status").notNull(),
    controlSlot: integer("control_slot").notNull(),
    variantSlot: integer("variant_slot").notNull(),
    targetMetricName: text("target_metric_name").notNull(),
    minSampleSize: integer("min_sample_size").notNull(),
    confidenceLevel: doublePrecision("confidence_level").notNull(),
    startedAt: moment("started_at"),
    endedAt: moment("ended_at"),
    winnerSlot: integer("winner_slot"),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [index("ab_tests_project").on(table.projectId, table.id)],
);

/** Answers of calls that may come again. */
export const answeredCalls = pgTable(
  "answered_calls",
  {
    projectId: integer("project_id").notNull(),
    key: codePointText("key").notNull(),
    digest: text("digest").notNull(),
    answer: jsonb("answer"),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.key] }),
    index("answered_calls_created").on(table.createdAt),
  ],
);

/** How a whole project ranks, where that was decided; absent = by the weights that ship. */
export const projectRankings = pgTable("project_rankings", {
  projectId: integer("project_id")
    .primaryKey()
    .references(() => projects.id),
  ranking: jsonb("ranking").notNull(),
  experimentId: uuid("experiment_id"),
  variationIndex: integer("variation_index"),
  updatedAt: moment("updated_at").notNull(),
});
