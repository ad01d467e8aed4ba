import { isDeepStrictEqual } from "node:util";

import { readRatings } from "../evaluate/movielens.ts";
import { send, until } from "../bench/http.ts";
import { rowsByUser } from "@signalpath/domain";
import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";
import { afterAll, beforeAll, expect, it } from "vitest";

import { bodyOf, offlineFeatures, type Act, type Values } from "./features-oracle.ts";
import { sampleFolder } from "./sample.ts";

const PEOPLE = 30;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PLACES = [undefined, 0, 330, -210, 825, -600];

/**
 * Ratings as tips shown and reacted to in the last 29 days: each is an impression and mostly a
 * reaction, some are sent twice under two ids, some reactions are a second before their impression.
 */
function actsOf(
  user: string,
  ratings: readonly { item_id: string; rating: number }[],
  nowMs: number,
): Act[] {
  const number = Number(user);
  const last = nowMs - HOUR;
  const step = Math.floor((29 * DAY) / ratings.length);
  const offsetMin = PLACES[number % PLACES.length];
  return ratings.flatMap(({ item_id: item, rating }, n): Act[] => {
    const atMs = last - (ratings.length - 1 - n) * step;
    const request = n % 5 === 0 ? undefined : `list-${Math.floor(n / 10)}`;
    const common = { user, item, request, offsetMin, dwellMs: undefined };
    const shown: Act = { ...common, id: `${user}-${n}-s`, atMs, reaction: undefined };
    const reaction = rating >= 4 ? "done" : rating <= 2 ? "dismiss" : "like";
    const lag = n % 11 === 0 ? -1_000 : (n % 90) * 1_000;
    const dwellMs = n % 3 === 0 ? (n % 40) * 500 : undefined;
    const reacted: Act = { ...common, id: `${user}-${n}-r`, atMs: atMs + lag, reaction, dwellMs };
    if (n % 7 === 6) return [shown];
    if (n % 13 === 12) return [reacted];
    const again = n % 6 === 0 ? [{ ...shown, id: `${user}-${n}-s2`, atMs: atMs + 500 }] : [];
    return [
      shown,
      reacted,
      ...again,
      ...(n % 8 === 0 ? [{ ...reacted, id: `${user}-${n}-r2` }] : []),
    ];
  });
}

/** The same in an order of no sense, then one more tip, so that every feature sees the whole set. */
function shuffled(acts: readonly Act[]): Act[] {
  const place = (id: string): number =>
    Array.from(id).reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 9_973, 7);
  return acts.toSorted((a, b) => place(a.id) - place(b.id));
}

let standalone: StandaloneProcess;
let people: Map<string, Act[]>;
const stop: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const sample = await sampleFolder(PEOPLE);
  stop.push(() => sample.remove());
  const { ratings } = await readRatings(sample.folder);
  const nowMs = Date.now();
  people = new Map(
    [...rowsByUser(ratings)].map(([user, own]) => {
      const acts = actsOf(user, own, nowMs);
      const end = { user, item: "last", request: "last", dwellMs: undefined, offsetMin: undefined };
      const shown: Act = { ...end, id: `${user}-last-s`, atMs: nowMs - 2_000, reaction: undefined };
      const reacted: Act = { ...end, id: `${user}-last-r`, atMs: nowMs - 1_000, reaction: "like" };
      return [user, [...shuffled(acts), shown, reacted]];
    }),
  );
  standalone = await startStandalone();
  stop.push(() => standalone.stop());
}, 120_000);

afterAll(async () => {
  for (const one of stop.toReversed()) await one();
});

async function post(path: string, key: string, body: unknown): Promise<unknown> {
  return send("POST", `${standalone.url}${path}`, { "x-write-key": key, "x-api-key": key }, body);
}

async function shownOf(user: string): Promise<Values> {
  const { features } = await send<{ features: Record<string, { value: number | null }> }>(
    "GET",
    `${standalone.url}/api/features?user_id=${user}`,
    { "x-api-key": standalone.keys.api },
  );
  return Object.fromEntries(Object.entries(features).map(([name, { value }]) => [name, value]));
}

/** Sums of many dwell times differ in their last bits by their order. */
function rounded(values: Values): Values {
  const { mean_dwell_ms_30d: dwell = null, ...rest } = values;
  return { ...rest, mean_dwell_ms_30d: dwell === null ? null : Math.round(dwell * 1_000) / 1_000 };
}

async function compareAll(): Promise<void> {
  for (const [user, acts] of people) {
    const expected = rounded(offlineFeatures(acts, Date.now()));
    let seen: Values = {};
    await until(async () => {
      seen = rounded(await shownOf(user));
      return isDeepStrictEqual(seen, expected) ? true : undefined;
    }, 20_000).catch(() => undefined);
    expect([user, seen]).toEqual([user, expected]);
  }
}

it("online features are those of an offline pass, for every person of a replay", async () => {
  expect(people.size).toBe(PEOPLE);
  const all = [...people.values()];
  expect(Math.max(...all.map((acts) => acts.length))).toBeGreaterThan(2_000);
  const bodies = all.flat().map(bodyOf);
  for (let from = 0; from < bodies.length; from += 500) {
    const batch = bodies.slice(from, from + 500);
    const answer = await post("/api/ingest", standalone.keys.write, { batch });
    expect(answer).toMatchObject({ accepted: batch.length });
  }
  await compareAll();

  const rebuilt = await post("/api/rebuild", standalone.keys.admin, { all: true, features: true });
  expect(rebuilt).toEqual({ rebuilt: PEOPLE, unknown: [] });
  await compareAll();
}, 240_000);
