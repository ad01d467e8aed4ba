import { customType, timestamp } from "drizzle-orm/pg-core";

/** Text in the order of its code points, whatever the locale of the database. */
export const codePointText = customType<{ data: string }>({
  dataType: () => 'text COLLATE "C"',
});

/** SHA-256 digest, 32 bytes. */
export const digest = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/** A moment with the precision of a `Date`, so that it comes back as it went in. */
export const moment = (name: string) =>
  timestamp(name, { precision: 3, withTimezone: true, mode: "string" });
