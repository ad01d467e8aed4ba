import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { AppName } from "@signalpath/stack/stack.ts";
import { startStack, type Stack } from "@signalpath/stack/stack.ts";
import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";
import { describeWithBinaries } from "./describe.ts";
import { expectedModels } from "./oracle.ts";
import {
  importItems,
  replay,
  replayBodies,
  shownExpected,
  shownModels,
  someItems,
  type ReplayCounts,
  type Target,
} from "./replay.ts";
import { sampleFolder } from "./sample.ts";
import { ofStack, ofStandalone } from "./targets.ts";

const until = new Date(Date.now() - 3_600_000).toISOString();
const WAIT_MS = 90_000;
// Slow enough that the kills fall into the middle, fast enough for a test.
const PACE = ["--rate", "600", "--batch", "25"];

/** Replays while `disturb` kills; then every acknowledged event must be in the models, once. */
async function survive(target: () => Target, folder: string, disturb: () => Promise<void>) {
  const items = someItems();
  await importItems(target(), items);
  const bodies = await replayBodies(folder, until);
  let finished = false;
  const sending: Promise<ReplayCounts> = replay(target(), folder, {
    until,
    state: join(folder, "state.json"),
    more: PACE,
  }).finally(() => void (finished = true));
  await sleep(1_500);
  await disturb();
  expect(finished, "the kills came after the replay").toBe(false);
  const counts = await sending;
  // A retry after a kill may find its own first attempt: a duplicate then, never a loss.
  expect(counts.accepted + counts.duplicates).toBe(bodies.length);
  const expected = expectedModels(bodies, items);
  expect(await shownModels(target(), expected, WAIT_MS)).toEqual(shownExpected(expected));
}

describeWithBinaries("kill -9 on the real stack", () => {
  let stack: Stack;
  let sample: Awaited<ReturnType<typeof sampleFolder>>;

  beforeAll(async () => {
    [sample, stack] = await Promise.all([sampleFolder(20), startStack()]);
  }, 120_000);
  afterAll(async () => {
    await stack?.stop();
    await sample?.remove();
  }, 60_000);

  async function killAndRestart(name: AppName): Promise<void> {
    await stack.apps[name].kill("SIGKILL");
    await stack.apps[name].start();
  }

  it("of updater and ingest during a replay loses nothing and doubles nothing", async () => {
    await survive(
      () => ofStack(stack),
      sample.folder,
      async () => {
        await killAndRestart("user-model-updater");
        await killAndRestart("ingest-webhook");
        await killAndRestart("user-model-updater");
      },
    );
  }, 240_000);
});

describe("kill -9 of the standalone", () => {
  let standalone: StandaloneProcess;
  let sample: Awaited<ReturnType<typeof sampleFolder>>;

  beforeAll(async () => {
    [sample, standalone] = await Promise.all([sampleFolder(20), startStandalone()]);
  }, 120_000);
  afterAll(async () => {
    await standalone?.stop();
    await sample?.remove();
  }, 60_000);

  it("during a replay loses nothing and doubles nothing", async () => {
    await survive(
      () => ofStandalone(standalone),
      sample.folder,
      async () => {
        for (let time = 0; time < 2; time++) {
          await standalone.kill("SIGKILL");
          await standalone.start();
          await sleep(500);
        }
      },
    );
  }, 240_000);
});
