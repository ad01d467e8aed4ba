import { index, integer, pgTable, serial, text } from "drizzle-orm/pg-core";

import { codePointText, moment } from "./column-types.ts";
import { projects } from "./projects.ts";

/** Write keys and API keys; never a key itself, only its prefix and its HMAC. */
export const keys = pgTable(
  "keys",
  {
    id: serial("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    name: text("name").notNull(),
    kind: text("kind", { enum: ["write", "api"] }).notNull(),
    scopes: text("scopes").array().notNull(),
    source: text("source"),
    profile: text("profile", { enum: ["rudderstack", "standard"] }),
    prefix: text("prefix").notNull(),
    hash: codePointText("hash").notNull().unique(),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at"),
    revokedAt: moment("revoked_at"),
    lastUsedAt: moment("last_used_at"),
  },
  (table) => [index("keys_project").on(table.projectId, table.id)],
);
