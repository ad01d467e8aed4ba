import { bigint, pgTable } from "drizzle-orm/pg-core";

import { codePointText } from "./column-types.ts";

/** How far each consumer of the archive's log has come. */
export const consumerOffsets = pgTable("consumer_offsets", {
  consumer: codePointText("consumer").primaryKey(),
  sequence: bigint("sequence", { mode: "number" }).notNull(),
});
