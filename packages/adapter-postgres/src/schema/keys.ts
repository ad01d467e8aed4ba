import { sql } from "drizzle-orm";
import { index, integer, pgTable, serial, text } from "drizzle-orm/pg-core";

import { codePointText, moment } from "./column-types.ts";
import { projects } from "./projects.ts";

/** Hashes that were brought along: `isLegacyHash` as a pattern of Postgres. */
export const LEGACY_PATTERN = "^(django_)?pbkdf2_sha256[$]";

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
  (table) => [
    index("keys_project").on(table.projectId, table.id),
    index("keys_legacy_prefix")
      .on(table.prefix)
      .where(sql`hash ~ ${sql.raw(`'${LEGACY_PATTERN}'`)}`),
  ],
);
