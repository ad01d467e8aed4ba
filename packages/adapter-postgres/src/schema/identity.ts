import { boolean, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

import { codePointText, digest, moment } from "./column-types.ts";

/** `from` is known as `to` for good. Only the root moves, when that root is linked itself. */
export const identityLinks = pgTable(
  "identity_links",
  {
    projectId: integer("project_id").notNull(),
    fromKey: codePointText("from_key").notNull(),
    toKey: codePointText("to_key").notNull(),
    rootKey: codePointText("root_key").notNull(),
    linkedAt: moment("linked_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.fromKey] }),
    index("identity_links_root").on(table.projectId, table.rootKey, table.fromKey),
    index("identity_links_linked").on(table.linkedAt),
  ],
);

/** When an identity was erased: what occurred until then never comes back. */
export const tombstones = pgTable(
  "tombstones",
  {
    projectId: integer("project_id").notNull(),
    subjectKey: codePointText("subject_key").notNull(),
    erasedAt: moment("erased_at").notNull(),
    // The receipt: what erasures of this key removed, and when they last did.
    removedAt: moment("removed_at").notNull(),
    archive: integer("archive").notNull().default(0),
    deadLetters: integer("dead_letters").notNull().default(0),
    experiments: integer("experiments").notNull().default(0),
    hadBuffer: boolean("had_buffer").notNull().default(false),
    hadModel: boolean("had_model").notNull().default(false),
    hadFeatures: boolean("had_features").notNull().default(false),
    /** Ids to announce, as they were written; only until the erasure is done. */
    ids: text("ids").array(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.subjectKey] }),
    index("tombstones_erased").on(table.erasedAt),
  ],
);

/** Ids of erased events, as SHA-256: their redelivery dies until the date, whatever its clock says. */
export const erasedEvents = pgTable(
  "erased_events",
  {
    projectId: integer("project_id").notNull(),
    eventHash: digest("event_hash").notNull(),
    until: moment("until").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.eventHash] }),
    index("erased_events_until").on(table.until),
  ],
);
