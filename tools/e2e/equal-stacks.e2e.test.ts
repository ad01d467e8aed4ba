import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { describeWithBinaries } from "./describe.ts";
import { startStack, type Stack } from "@signalpath/stack/stack.ts";
import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";
import { expectedModels } from "./oracle.ts";
import {
  importItems,
  replay,
  replayBodies,
  shownExpected,
  shownModels,
  someItems,
  type Target,
} from "./replay.ts";
import { sampleFolder } from "./sample.ts";
import { ofStack, ofStandalone } from "./targets.ts";

const PEOPLE = 12;
const WAIT_MS = 60_000;

// The newest event lies in the past: a test that runs for minutes must not see the clamp.
const until = new Date(Date.now() - 3_600_000).toISOString();

describeWithBinaries("one process and many end with the models of the pure core", () => {
  let stack: Stack;
  let standalone: StandaloneProcess;
  let sample: Awaited<ReturnType<typeof sampleFolder>>;
  let bodies: unknown[];

  beforeAll(async () => {
    sample = await sampleFolder(PEOPLE);
    bodies = await replayBodies(sample.folder, until);
    [stack, standalone] = await Promise.all([startStack(), startStandalone()]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([stack?.stop(), standalone?.stop()]);
    await sample?.remove();
  }, 60_000);

  async function run(target: Target, name: string): Promise<void> {
    const items = someItems();
    await importItems(target, items);
    const state = join(sample.folder, `${name}.json`);
    const first = await replay(target, sample.folder, { until, state });
    expect(first).toMatchObject({ accepted: bodies.length, duplicates: 0, total: bodies.length });
    const expected = expectedModels(bodies, items);
    expect(expected.size).toBe(PEOPLE);
    expect(await shownModels(target, expected, WAIT_MS)).toEqual(shownExpected(expected));

    // Sent once more, in other batches and another order between people: nothing may change.
    const again = await replay(target, sample.folder, {
      until,
      state: join(sample.folder, `${name}-again.json`),
      more: ["--batch", "37", "--concurrency", "7"],
    });
    expect(again).toMatchObject({ accepted: 0, duplicates: bodies.length });
    expect(await shownModels(target, expected, WAIT_MS)).toEqual(shownExpected(expected));
  }

  it("standalone", () => run(ofStandalone(standalone), "standalone"), 240_000);
  it("NATS, Redis, Postgres", () => run(ofStack(stack), "stack"), 240_000);
});
