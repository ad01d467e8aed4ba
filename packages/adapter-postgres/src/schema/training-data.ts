import { customType, index, integer, pgTable, primaryKey, serial, text } from "drizzle-orm/pg-core";

import { moment } from "./column-types.ts";
import { projects } from "./projects.ts";

const bytes = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/** An upload; nobody sees it before `stored_at` is set. */
export const trainingData = pgTable(
  "training_data",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    filename: text("filename").notNull(),
    columns: text("columns").array().notNull(),
    rows: integer("rows").notNull().default(0),
    users: integer("users").notNull().default(0),
    items: integer("items").notNull().default(0),
    digest: text("digest"),
    dataFrom: moment("data_from"),
    dataTo: moment("data_to"),
    createdAt: moment("created_at").notNull(),
    /** When its last block arrived: an upload that stands still was cut off. */
    touchedAt: moment("touched_at").notNull(),
    storedAt: moment("stored_at"),
  },
  (table) => [index("training_data_project").on(table.projectId, table.id)],
);

/** Rows of an upload, some ten thousand a block: gzip of a JSON array of columns. */
export const trainingDataBlocks = pgTable(
  "training_data_blocks",
  {
    trainingDataId: integer("training_data_id")
      .notNull()
      .references(() => trainingData.id, { onDelete: "cascade" }),
    sequence: integer("sequence").notNull(),
    block: bytes("block").notNull(),
  },
  (table) => [primaryKey({ columns: [table.trainingDataId, table.sequence] })],
);
