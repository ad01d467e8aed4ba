import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

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
// Slow enough that every kill falls into the middle, whatever the machine does.
const PACE = ["--rate", "400", "--batch", "25"];
/** Events sent between two kills, at least. */
const STRIDE = 200;

/** Replays and kills in turn; then every acknowledged event must be in the models, once. */
async function survive(
  target: () => Target,
  folder: string,
  kills: readonly (() => Promise<void>)[],
) {
  const items = someItems();
  await importItems(target(), items);
  const bodies = await replayBodies(folder, until);
  const state = join(folder, "state.json");
  let finished = false;
  const sending: Promise<ReplayCounts> = replay(target(), folder, {
    until,
    state,
    more: PACE,
  }).finally(() => void (finished = true));
  let done = 0;
  for (const kill of kills) {
    const before = done;
    await vi.waitFor(
      async () => {
        done = (JSON.parse(await readFile(state, "utf8")) as { done: number }).done;
        expect(done).toBeGreaterThanOrEqual(before + STRIDE);
      },
      { timeout: WAIT_MS, interval: 20 },
    );
    expect(finished, "a kill came after the replay").toBe(false);
    await kill();
  }
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

  it("of updater and ingest during a replay loses nothing and doubles nothing", async () => {
    const { apps } = stack;
    await survive(() => ofStack(stack), sample.folder, [
      // Both at once: without ingest the replay stands still until the updater is back too.
      async () => {
        await Promise.all([
          apps["user-model-updater"].kill("SIGKILL"),
          apps["ingest-webhook"].kill("SIGKILL"),
        ]);
        await apps["user-model-updater"].start();
        await apps["ingest-webhook"].start();
      },
      async () => {
        await apps["user-model-updater"].kill("SIGKILL");
        await apps["user-model-updater"].start();
      },
    ]);
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
    const kill = async () => {
      await standalone.kill("SIGKILL");
      await standalone.start();
    };
    await survive(() => ofStandalone(standalone), sample.folder, [kill, kill]);
  }, 240_000);
});
