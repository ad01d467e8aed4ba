import { createHash } from "node:crypto";

import { createIdCounter } from "./id-counter.ts";
import type { TrainingData, TrainingRow } from "./port.ts";

/** Digest of rows in their order, however they are cut into batches. */
export interface RowsDigest {
  add(rows: readonly TrainingRow[]): void;
  /** SHA-256, 64 hex digits. */
  hex(): string;
}

/** SHA-256 over one line a row: the JSON array `[user_id, item_id, weight, time or null]`. */
export function createRowsDigest(): RowsDigest {
  const hash = createHash("sha256");
  return {
    add(rows) {
      let text = "";
      for (const { user_id, item_id, weight, time } of rows) {
        text += `${JSON.stringify([user_id, item_id, weight, time ?? null])}\n`;
      }
      hash.update(text);
    },
    hex: () => hash.copy().digest("hex"),
  };
}

export type RowsSummary = Pick<
  TrainingData,
  "rows" | "users" | "items" | "digest" | "data_from" | "data_to"
>;

/** What is known of an upload once all its rows have passed. */
export function createRowsSummary(): {
  add(rows: readonly TrainingRow[]): void;
  summary(): RowsSummary;
} {
  const digest = createRowsDigest();
  const users = createIdCounter();
  const items = createIdCounter();
  let count = 0;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  const iso = (ms: number): string | null =>
    Number.isFinite(ms) ? new Date(ms).toISOString() : null;
  return {
    add(rows) {
      digest.add(rows);
      count += rows.length;
      for (const { user_id, item_id, time } of rows) {
        users.add(user_id);
        items.add(item_id);
        if (time === undefined) continue;
        from = Math.min(from, time);
        to = Math.max(to, time);
      }
    },
    summary: () => ({
      rows: count,
      users: users.count(),
      items: items.count(),
      digest: digest.hex(),
      data_from: iso(from),
      data_to: iso(to),
    }),
  };
}
