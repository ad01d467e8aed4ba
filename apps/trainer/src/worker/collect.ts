import { createHash } from "node:crypto";

import { createInteractionsBuilder, type Interactions } from "@signalpath/models";
import type { TrainingRow } from "@signalpath/ports";

/** Takes rows in any order and makes interactions of them. */
export interface Collector {
  /** @throws ModelError TOO_MANY_ROWS, INTERACTIONS_INVALID. */
  add(rows: readonly TrainingRow[], anonymous: boolean): void;
  build(): Interactions;
}

/**
 * Users and devices are two name spaces, a model knows one: where a device has the id of a user,
 * the user's rows stay and the device's are left out.
 */
export function createCollector(maxRows: number): Collector {
  const builder = createInteractionsBuilder({ maxRows });
  const users = new Set<string>();
  const devices: TrainingRow[] = [];
  return {
    add(rows, anonymous) {
      for (const row of rows) {
        if (anonymous) {
          devices.push(row);
          continue;
        }
        users.add(row.user_id);
        builder.add(row);
      }
    },
    build() {
      for (const row of devices) if (!users.has(row.user_id)) builder.add(row);
      return builder.build();
    },
  };
}

/** SHA-256 of what the interactions are, hex; the order in which rows came does not matter. */
export function digestOf({ users, items, matrix, times }: Interactions): string {
  const hash = createHash("sha256");
  const parts = [users.offsets, users.bytes, items.offsets, items.bytes];
  const all = [...parts, matrix.indptr, matrix.indices, matrix.values, ...(times ? [times] : [])];
  for (const array of all) hash.update(`${array.length}/`).update(bytesOf(array));
  return hash.digest("hex");
}

/** The bytes of a view. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
