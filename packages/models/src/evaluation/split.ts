import { createHash } from "node:crypto";

import { stringAt, stringCount } from "@signalpath/contracts";
import { splitByHash, splitByTime } from "@signalpath/domain";

import type { Interactions } from "../interactions/types.ts";
import { createRandom } from "./random.ts";
import { decodeTable, rowsOf, takeEntries } from "./take-entries.ts";

export const SPLIT_SCHEMES = ["A", "B", "time", "leave-last-n", "random"] as const;
export type SplitScheme = (typeof SPLIT_SCHEMES)[number];

/** One entry in this many is held out unless told. */
const EVERY = 5;
/** Fewer people to ask than this say nothing. */
const MIN_USERS = 10;

export interface TestUser {
  user: string;
  /** What is to be found. */
  items: string[];
  /** Milliseconds since 1970 of each; absent without times. */
  times?: number[];
}

/** A part to fit on, and what is asked of the fit. Nothing of `tests` is in `train`. */
export interface Parts {
  train: Interactions;
  /** People with something in `train`, ascending by id as bytes. */
  tests: TestUser[];
  facts: SplitFacts;
}

export interface SplitFacts {
  asked: SplitScheme;
  used: SplitScheme;
  /** Why `used` is not what was asked for. */
  because?: string;
  train_entries: number;
  test_entries: number;
  test_users: number;
  /** People with held out entries and nothing before them: nobody is asked about them. */
  cold_users: number;
  /** `time` only: first moment that is held out. */
  split_at?: string;
}

/**
 * Holds back about one entry in `every`, 2 or more: a fifth unless told. `time`: everything from one
 * moment on. `leave-last-n`: the latest max(1, floor(n / every)) of each person with 3 entries or more.
 * `random`: as many, any of them. `A`: of each person the first floor(n / every) by SHA-1 of
 * `user:item`, the same for everybody. `B`: of each person the last floor(n / every) by time, ties by
 * item id (as a number where all are).
 * Without times, or where `time` leaves fewer than 10 people to ask, the next scheme that works is
 * used instead, and the facts say so. Seeded; the order of rows does not matter.
 */
export function divide(
  interactions: Interactions,
  asked: SplitScheme,
  seed: number,
  every = EVERY,
): Parts {
  const split = (scheme: Pick<SplitFacts, "asked" | "used" | "because">) =>
    splitInto(interactions, scheme, { seed, every });
  const needsTimes = asked !== "random" && asked !== "A";
  const untimed = interactions.times === undefined && needsTimes;
  if (untimed) {
    return split({ asked, used: "random", because: "rows have no times" });
  }
  const parts = split({ asked, used: asked });
  if (asked !== "time" || parts.tests.length >= MIN_USERS) return parts;
  const because = `only ${parts.tests.length} people have entries on both sides of the split`;
  return split({ asked, used: "leave-last-n", because });
}

/** At most so many of them, in their order. */
export function evenlySpread<T>(all: readonly T[], most: number): T[] {
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(all.length, most) }, (_, at) => all[Math.floor(at * step)]!);
}

interface How {
  seed: number;
  /** One entry in this many is held out. */
  every: number;
}

function splitInto(
  interactions: Interactions,
  scheme: Pick<SplitFacts, "asked" | "used" | "because">,
  how: How,
): Parts {
  const { held, splitAt } = heldEntries(interactions, scheme.used, how);
  const train = takeEntries(interactions, (at) => held[at] === 0);
  const tables = { users: decodeTable(interactions.users), items: decodeTable(interactions.items) };
  const isWarm = warmUsers(interactions, held);
  const byUser = new Map<string, TestUser>();
  const cold = new Set<number>();
  let testEntries = 0;
  const isTest = (at: number, user: number) => {
    if (held[at] === 0) return false;
    testEntries += 1;
    if (isWarm[user] === 0) cold.add(user);
    return isWarm[user] === 1;
  };
  for (const { user_id: user, item_id, time } of rowsOf(interactions, tables, isTest)) {
    const test: TestUser = byUser.get(user) ?? {
      user,
      items: [],
      ...(time === undefined ? {} : { times: [] }),
    };
    byUser.set(user, test);
    test.items.push(item_id);
    if (time !== undefined) test.times?.push(time);
  }
  const facts: SplitFacts = {
    ...scheme,
    train_entries: train.matrix.indices.length,
    test_entries: testEntries,
    test_users: byUser.size,
    cold_users: cold.size,
    ...(splitAt === undefined ? {} : { split_at: new Date(splitAt).toISOString() }),
  };
  return { train, tests: [...byUser.values()], facts };
}

function warmUsers({ matrix }: Interactions, held: Uint8Array): Uint8Array {
  const warm = new Uint8Array(matrix.indptr.length - 1);
  for (let user = 0; user < warm.length; user++) {
    for (let at = matrix.indptr[user]!; at < matrix.indptr[user + 1]!; at++) {
      if (held[at] === 0) warm[user] = 1;
    }
  }
  return warm;
}

function heldEntries(
  interactions: Interactions,
  used: SplitScheme,
  { seed, every }: How,
): { held: Uint8Array; splitAt?: number } {
  const { matrix, times } = interactions;
  const held = new Uint8Array(matrix.indices.length);
  if (used === "time" && times !== undefined) {
    const ordered = times.toSorted();
    const splitAt = ordered[ordered.length - Math.floor(ordered.length / every)];
    if (splitAt === undefined) return { held };
    times.forEach((time, at) => (held[at] = time >= splitAt ? 1 : 0));
    return { held, splitAt };
  }
  if (used === "A" || used === "B") {
    for (const at of heldPublished({ ...interactions, used, every })) held[at] = 1;
    return { held };
  }
  const random = createRandom(seed, "split");
  for (let user = 0; user + 1 < matrix.indptr.length; user++) {
    const begin = matrix.indptr[user]!;
    const count = matrix.indptr[user + 1]! - begin;
    if (count < 3) continue;
    const own = Array.from({ length: count }, (_, at) => begin + at);
    const age = own.map((at) => (used === "random" ? random() : -(times?.[at] ?? 0)));
    // Of one time the larger item id counts as the later one.
    own.sort((a, b) => age[a - begin]! - age[b - begin]! || b - a);
    const test = own.slice(0, Math.max(1, Math.floor(count / every)));
    for (const at of test) held[at] = 1;
  }
  return { held };
}

/** Entries that the splits with a letter hold back. */
function heldPublished({
  users,
  items,
  matrix,
  times,
  used,
  every,
}: Interactions & { used: "A" | "B"; every: number }): number[] {
  const ids = decodeTable(items);
  const rows = Array.from({ length: stringCount(users) }, (_, user) => {
    const begin = matrix.indptr[user]!;
    return Array.from({ length: matrix.indptr[user + 1]! - begin }, (_entry, of) => ({
      user_id: stringAt(users, user),
      item_id: ids[matrix.indices[begin + of]!]!,
      time: times?.[begin + of] ?? 0,
      at: begin + of,
    }));
  }).flat();
  const numbers = ids.every((id) => /^\d{1,15}$/.test(id));
  const byNumber = { compareItems: (left: string, right: string) => Number(left) - Number(right) };
  const { test } =
    used === "A"
      ? splitByHash(rows, (text) => createHash("sha1").update(text).digest("hex"), { every })
      : splitByTime(rows, { every, ...(numbers ? byNumber : {}) });
  return test.map(({ at }) => at);
}
