import { UnavailableError } from "@signalpath/ports";
import { expect, test } from "vitest";

import { DEFAULT_OPTIONS } from "./context.ts";
import { createOutage } from "./outage.ts";

const sleep = (ms: number): Promise<void> => DEFAULT_OPTIONS.sleep(ms);
const OPTIONS = {
  pausesMs: [10, 100, 1_000],
  downPausesMs: [1, 2],
  probeMs: 1,
  holdMs: 3_600_000,
  sleep,
};
const away = new UnavailableError("redis", "not connected");

function makeStore() {
  const store = { isUp: true, asked: 0 };
  const check = async (): Promise<void> => {
    store.asked++;
    if (!store.isUp) throw away;
  };
  return { store, check };
}

test("a store that is down holds work back until it answers, and is asked by nobody before", async () => {
  const { store, check } = makeStore();
  const outage = createOutage([check], OPTIONS);
  expect(await outage.over()).toBe(true);
  expect(store.asked).toBe(0);
  store.isUp = false;
  outage.retry(1, away);
  const order: string[] = [];
  const waiting = [1, 2].map(async (n) => order.push(`${n} ${await outage.over()}`));
  while (store.asked < 5) await new Promise((resolve) => setTimeout(resolve, 1));
  order.push("up");
  store.isUp = true;
  await Promise.all(waiting);
  expect(order).toEqual(["up", "1 true", "2 true"]);
});

test("pauses grow with the attempts, and are short while the trouble is a store's", () => {
  const outage = createOutage([], OPTIONS);
  const pauses = (error: unknown) => [1, 2, 3, 9].map((attempt) => outage.retry(attempt, error));
  expect(pauses(new TypeError("a fault"))).toEqual(
    [10, 100, 1_000, 1_000].map((retryInMs) => ({ retryInMs })),
  );
  expect(pauses(away)).toEqual([1, 2, 2, 2].map((retryInMs) => ({ retryInMs })));
});

test("only a store's trouble holds work back", async () => {
  const { store, check } = makeStore();
  store.isUp = false;
  const outage = createOutage([check], OPTIONS);
  outage.retry(1, new TypeError("a fault"));
  expect(await outage.over()).toBe(true);
});

test("closing lets go of what waits", async () => {
  const { store, check } = makeStore();
  store.isUp = false;
  const outage = createOutage([check], { ...OPTIONS, probeMs: 3_600_000 });
  outage.retry(1, away);
  const waiting = outage.over();
  while (store.asked === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  outage.close();
  expect(await waiting).toBe(false);
  expect(await outage.over()).toBe(false);
});

test("work is held so long, then given back, and the stores are asked on", async () => {
  const { store, check } = makeStore();
  store.isUp = false;
  const outage = createOutage([check], { ...OPTIONS, holdMs: 5 });
  outage.retry(1, away);
  expect(await Promise.all([outage.over(), outage.over()])).toEqual([false, false]);
  const before = store.asked;
  while (store.asked === before) await new Promise((resolve) => setTimeout(resolve, 1));
  store.isUp = true;
  while (!(await outage.over())) await new Promise((resolve) => setImmediate(resolve));
});

test("a store whose check never answers holds nothing for ever", async () => {
  const outage = createOutage([() => new Promise<void>(() => {})], { ...OPTIONS, holdMs: 1 });
  outage.retry(1, away);
  expect(await outage.over()).toBe(false);
  outage.close();
});
