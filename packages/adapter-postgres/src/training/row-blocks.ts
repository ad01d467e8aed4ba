import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";

import type { TrainingRow } from "@signalpath/ports";

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** user ids, item ids, weights, times (or null when the rows have none). */
type Columns = [string[], string[], number[], number[] | null];

/** Rows as gzip of JSON by column. */
export async function encodeBlock(rows: readonly TrainingRow[]): Promise<Buffer> {
  const timed = rows.some(({ time }) => time !== undefined);
  const columns: Columns = [
    rows.map(({ user_id }) => user_id),
    rows.map(({ item_id }) => item_id),
    rows.map(({ weight }) => weight),
    timed ? rows.map(({ time }) => time ?? 0) : null,
  ];
  return pack(JSON.stringify(columns), { level: 3 });
}

export async function decodeBlock(block: Uint8Array): Promise<TrainingRow[]> {
  const text = (await unpack(block)).toString("utf8");
  const [users, items, weights, times] = JSON.parse(text) as Columns;
  return users.map((user_id, at) => ({
    user_id,
    item_id: items[at] as string,
    weight: weights[at] as number,
    ...(times === null ? {} : { time: times[at] as number }),
  }));
}
