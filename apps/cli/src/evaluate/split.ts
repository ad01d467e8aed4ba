import { createHash } from "node:crypto";

import { rowsByUser, splitByHash, splitByTime, type Split } from "@signalpath/domain";
import type { TrainingRow } from "@signalpath/ports";

import { usageError } from "../exit-codes.ts";
import { createRandom } from "./random.ts";

export const SPLITS = ["A", "B", "time", "leave-last-n", "random"] as const;
export type SplitName = (typeof SPLITS)[number];

/** One row in this many is held out. */
const EVERY = 5;
const NEEDS_TIMES = new Set<SplitName>(["B", "time", "leave-last-n"]);

/**
 * Holds back about a fifth of the rows.
 * - `A`: of each person the first floor(n / 5) by SHA-1 of `user:item`; the same for everybody.
 * - `B`: of each person the last floor(n / 5) by time, ties by item id (as a number where all are).
 * - `time`: everything from one moment on, for all people.
 * - `leave-last-n`: the last max(1, floor(n / 5)) of each person with 3 rows or more.
 * - `random`: as many, any of them; seeded.
 * The order of rows does not matter.
 * @throws CliError when rows have no times and the split needs them.
 */
export function splitRows(
  rows: readonly TrainingRow[],
  name: SplitName,
  seed: number,
): Split<TrainingRow> {
  if (NEEDS_TIMES.has(name) && rows.some(({ time }) => time === undefined)) {
    throw usageError(`split ${name} needs a time in every row; A and random do not`);
  }
  if (name === "time") return byMoment(rows);
  const timed = rows.map((row) => ({ ...row, time: row.time ?? 0 }));
  const split = splitTimed(timed, name, seed);
  const bare = ({ time, ...row }: (typeof timed)[number]): TrainingRow =>
    rows[0]?.time === undefined ? row : { ...row, time };
  return { train: split.train.map(bare), test: split.test.map(bare) };
}

type Timed = TrainingRow & { time: number };

function splitTimed(rows: Timed[], name: SplitName, seed: number): Split<Timed> {
  if (name === "A") return splitByHash(rows, sha1, { every: EVERY });
  const numbers = rows.every(({ item_id }) => /^\d{1,15}$/.test(item_id));
  const compareItems = (left: string, right: string) =>
    numbers ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0;
  if (name === "B") return splitByTime(rows, { every: EVERY, compareItems });
  const random = createRandom(seed, "split");
  const split: Split<Timed> = { train: [], test: [] };
  const people = [...rowsByUser(rows)].toSorted(([left], [right]) => (left < right ? -1 : 1));
  for (const [, own] of people) {
    own.sort((left, right) => compareItems(left.item_id, right.item_id));
    const keyed = own.map((row) => ({ row, key: name === "random" ? random() : row.time }));
    // A stable order: of one time the larger item id is the later one.
    const newest = keyed.toReversed().toSorted((left, right) => right.key - left.key);
    const held = own.length < 3 ? 0 : Math.max(1, Math.floor(own.length / EVERY));
    newest.forEach(({ row }, at) => (at < held ? split.test : split.train).push(row));
  }
  return split;
}

function byMoment(rows: readonly TrainingRow[]): Split<TrainingRow> {
  const times = Float64Array.from(rows, ({ time = 0 }) => time).sort();
  const from = times[times.length - Math.floor(times.length / EVERY)] ?? Number.POSITIVE_INFINITY;
  const isTest = ({ time = 0 }: TrainingRow) => time >= from;
  return { train: rows.filter((row) => !isTest(row)), test: rows.filter(isTest) };
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
