import { userKey, type NameSpace } from "@signalpath/domain";
import { sha256 } from "@signalpath/service-kit";
import { expect, onTestFinished, test, vi } from "vitest";

import { createRevertible } from "./shaken-store.ts";
import { eventAt, openWorld } from "./test-world.ts";

const key = (space: NameSpace, id: string) => userKey(sha256, 1, space, id);
const USER = key("user", "u1");
const DEVICE = key("anonymous", "a1");

/** A running updater over a store that can be lost. */
async function running() {
  let revertible: ReturnType<typeof createRevertible> | undefined;
  const world = await openWorld((deps) => {
    revertible = createRevertible(deps.kit.now, [USER, DEVICE]);
    return { buffer: revertible.buffer, models: revertible.models };
  });
  const updater = world.create();
  onTestFinished(() => updater.close());
  await updater.start();
  return { world, store: revertible as ReturnType<typeof createRevertible> };
}

test("what a rollback brought back under an id linked to an erased person goes again", async () => {
  const { world, store } = await running();
  await world.publish(eventAt(1, { anonymous_id: "a1", item_id: "i1" }));
  await vi.waitFor(async () => expect((await store.models.get(DEVICE)).status).toBe("ok"));
  const back = store.snapshot();
  await world.publish(eventAt(2, { user_id: "u1", anonymous_id: "a1", item_id: "i2" }));
  await vi.waitFor(async () => expect((await store.models.get(USER)).status).toBe("ok"));
  const { keys } = await world.base.archive.erase(1, USER, world.now());
  expect(keys).toEqual([USER, DEVICE]);
  for (const each of keys) {
    await store.buffer.erase(each, world.now());
    await store.models.erase(each, world.now());
  }
  back();
  expect((await store.models.get(DEVICE)).status).toBe("ok");
  await vi.waitFor(async () => {
    const moved = { status: "moved", to: USER, pending: false };
    expect(await store.buffer.read(DEVICE)).toEqual(moved);
    expect(await store.buffer.read(USER)).toMatchObject({ status: "ok", events: [] });
    expect((await store.models.get(USER)).status).toBe("absent");
  });
});

test("a lost redirect that no event of the model names is written again", async () => {
  const { world, store } = await running();
  await world.publish(eventAt(1, { user_id: "u1", item_id: "i1" }));
  const crawled = { user_id: "u1", anonymous_id: "a1", item_id: "i2", is_bot: true };
  await world.publish(eventAt(2, crawled));
  const bothThere = async (): Promise<void> => {
    expect((await store.models.get(USER)).status).toBe("ok");
    expect(await store.models.get(DEVICE)).toEqual({ status: "moved", to: USER });
  };
  await vi.waitFor(bothThere);
  store.wipe();
  expect((await store.models.get(DEVICE)).status).toBe("absent");
  await vi.waitFor(bothThere);
});
