import { buildUserSignals, SIGNALS_VERSION } from "@signalpath/domain";
import {
  createManualClock,
  createMemoryUserModelStore,
  createMemoryUserState,
  type ModelAnswer,
} from "@signalpath/ports";
import { createLogger } from "@signalpath/service-kit";
import { expect, test, vi } from "vitest";

import { createFindModel } from "./find-model.ts";
import { createModelCache } from "./model-cache.ts";
import { personKeys } from "./person-keys.ts";

const [USER, DEVICE] = personKeys(1, "ann");
const MODEL = buildUserSignals([], () => undefined);

function setUp(contentVersion = 0, space: () => { id: string } | undefined = () => undefined) {
  const clock = createManualClock();
  const store = createMemoryUserModelStore(createMemoryUserState({ now: () => clock.now() }));
  const answers: ModelAnswer["status"][] = [];
  const request = vi.fn();
  const cache = createModelCache();
  const find = createFindModel({
    models: {
      async get(key, known) {
        const answer = await store.get(key, known);
        answers.push(answer.status);
        return answer;
      },
    },
    cache,
    refreshes: { request },
    contentVersion: () => contentVersion,
    space,
    now: () => clock.now(),
    logger: createLogger({ service: "test", level: "silent" }),
    deadlineMs: 1_000,
  });
  const save = (key: typeof USER, revision: number) =>
    store.save(key, MODEL, { revision, contentVersion: 0, signalsVersion: SIGNALS_VERSION });
  return { clock, store, answers, request, cache, find, save };
}

test("a blob is shipped once a version", async () => {
  const { answers, find, save } = setUp();
  await save(USER, 5);
  const first = await find(1, "ann");
  const second = await find(1, "ann");
  expect(second.stored).toBe(first.stored);
  await save(USER, 6);
  expect((await find(1, "ann")).stored?.revision).toBe(6);
  expect(answers).toEqual(["ok", "unchanged", "ok"]);
});

test("a user comes before a visitor of the same id", async () => {
  const { find, save } = setUp();
  await save(DEVICE, 1);
  expect((await find(1, "ann")).owner).toBe(DEVICE);
  await save(USER, 2);
  expect((await find(1, "ann")).owner).toBe(USER);
  expect((await find(2, "ann")).stored).toBeUndefined();
});

test("a model of an older catalogue is asked for anew after a while, not at once", async () => {
  const { clock, find, request, save } = setUp(7);
  await save(USER, 1);
  expect((await find(1, "ann")).source).toBe("model");
  expect(request).not.toHaveBeenCalled();
  clock.advance(11 * 60_000);
  const trace = { traceparent: "00-1" };
  expect((await find(1, "ann", trace)).source).toBe("stale");
  const body = { project_id: 1, user_id: "ann", reason: "stale" };
  expect(request).toHaveBeenCalledWith(USER, body, trace);
});

test("a person is forgotten under every id they were asked by", async () => {
  const { cache, find, save } = setUp();
  await save(USER, 1);
  const { stored } = await find(1, "ann");
  if (stored === undefined) throw new Error("no model");
  const [laptop] = personKeys(1, "laptop");
  const [other] = personKeys(1, "bob");
  cache.set(laptop, { owner: USER, stored });
  cache.set(other, { owner: other, stored });
  cache.forget([laptop]);
  expect(cache.get(USER)).toBeUndefined();
  expect(cache.get(laptop)).toBeUndefined();
  expect(cache.get(other)).toBeDefined();
});

test("a model of another space serves without its vectors, and is asked for once more", async () => {
  let space: { id: string } | undefined;
  const world = setUp(0, () => space);
  const version = { revision: 1, contentVersion: 0, signalsVersion: SIGNALS_VERSION };
  const of = (id: string) => ({ ...MODEL, taste: "AACAPwAAAAA=", space: { id, dimensions: 2 } });
  await world.store.save(USER, of("content"), version);
  expect((await world.find(1, "ann")).stored?.model.taste).toBeDefined();
  space = { id: "sp-a" };
  const between = await world.find(1, "ann");
  expect(between.stored?.model.taste).toBeUndefined();
  expect(between.stored?.model.space).toBeUndefined();
  expect(world.request).toHaveBeenCalledWith(
    USER,
    { project_id: 1, user_id: "ann", reason: "content", space: "sp-a" },
    undefined,
  );
  // Saved again under the version it had: what was remembered of it is not used.
  await world.store.save(USER, of("sp-a"), version);
  expect((await world.find(1, "ann")).stored?.model.space?.id).toBe("sp-a");
});
