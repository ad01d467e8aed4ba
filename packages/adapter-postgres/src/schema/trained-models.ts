import { sql } from "drizzle-orm";
import {
  bigint,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";

import { codePointText, moment } from "./column-types.ts";
import { projects } from "./projects.ts";

/** Removed models stay as rows: versions, runs and slots of the past refer to them. */
export const trainedModels = pgTable(
  "trained_models",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    name: codePointText("name").notNull(),
    kind: text("kind").notNull(),
    /** The serving one. */
    version: integer("version"),
    lastVersion: integer("last_version").notNull().default(0),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    removedAt: moment("removed_at"),
  },
  (table) => [
    uniqueIndex("trained_models_name")
      .on(table.projectId, table.name)
      .where(sql`removed_at is null`),
  ],
);

/** Artefacts that were written; a row never changes. */
export const trainedModelVersions = pgTable(
  "trained_model_versions",
  {
    trainedModelId: integer("trained_model_id").notNull(),
    version: integer("version").notNull(),
    projectId: integer("project_id").notNull(),
    kind: text("kind").notNull(),
    file: text("file").notNull(),
    sha256: text("sha256").notNull(),
    bytes: bigint("bytes", { mode: "number" }).notNull(),
    parameters: jsonb("parameters").notNull(),
    metrics: jsonb("metrics").notNull(),
    dataRows: integer("data_rows").notNull(),
    dataDigest: text("data_digest").notNull(),
    dataFrom: moment("data_from"),
    dataTo: moment("data_to"),
    gitVersion: text("git_version"),
    trainingRunId: integer("training_run_id"),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.trainedModelId, table.version] }),
    foreignKey({ columns: [table.trainedModelId], foreignColumns: [trainedModels.id] }),
  ],
);

/** What served since when; rows are only ever added. */
export const servingChanges = pgTable(
  "serving_changes",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id").notNull(),
    trainedModelId: integer("trained_model_id")
      .notNull()
      .references(() => trainedModels.id),
    changedAt: moment("changed_at").notNull(),
    cause: text("cause").notNull(),
    fromVersion: integer("from_version"),
    toVersion: integer("to_version"),
    trainingRunId: integer("training_run_id"),
    keyId: integer("key_id"),
  },
  (table) => [index("serving_changes_model").on(table.trainedModelId, table.id)],
);
