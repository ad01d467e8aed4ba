import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  serial,
  text,
  unique,
} from "drizzle-orm/pg-core";

import { codePointText, moment } from "./column-types.ts";
import { projects } from "./projects.ts";
import { trainedModels } from "./trained-models.ts";

/** Removed slots stay as rows: their events name them, and their numbers stay taken. */
export const deploymentSlots = pgTable(
  "deployment_slots",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    name: text("name").notNull(),
    trainedModelId: integer("trained_model_id")
      .notNull()
      .references(() => trainedModels.id),
    weight: doublePrecision("weight").notNull(),
    isActive: boolean("is_active").notNull(),
    isShadow: boolean("is_shadow").notNull().default(false),
    variationIndex: integer("variation_index").notNull(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    removedAt: moment("removed_at"),
  },
  (table) => [
    unique("deployment_slots_variation").on(table.projectId, table.variationIndex),
    index("deployment_slots_model").on(table.trainedModelId),
  ],
);

/** What a project's users are hashed with, and the next slot's number. */
export const slotRoutings = pgTable("slot_routings", {
  projectId: integer("project_id")
    .primaryKey()
    .references(() => projects.id),
  seed: text("seed").notNull(),
  mode: text("mode").notNull(),
  nextVariation: integer("next_variation").notNull(),
});

export const modelConfigurations = pgTable(
  "model_configurations",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    name: codePointText("name").notNull(),
    kind: text("kind").notNull(),
    parameters: jsonb("parameters").notNull(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [unique("model_configurations_name").on(table.projectId, table.name)],
);

export const retrainingSchedules = pgTable(
  "retraining_schedules",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    trainedModelId: integer("trained_model_id")
      .notNull()
      .references(() => trainedModels.id),
    cronExpression: text("cron_expression").notNull(),
    isEnabled: boolean("is_enabled").notNull(),
    spec: jsonb("spec").notNull(),
    nextRunAt: moment("next_run_at"),
    lastRunId: integer("last_run_id"),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [index("retraining_schedules_next").on(table.nextRunAt)],
);
