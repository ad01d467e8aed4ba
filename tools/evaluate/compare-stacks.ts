// `pnpm compare:stacks <MovieLens folder>`: every rating through the standalone and through the real
// stack; counts, events/s, and every model of both against each other and the pure core.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { startStack } from "@signalpath/stack/stack.ts";
import { startStandalone } from "@signalpath/stack/standalone-process.ts";

import { expectedModels } from "../e2e/oracle.ts";
import {
  importItems,
  replay,
  replayBodies,
  shownExpected,
  shownModels,
  someItems,
  type Target,
} from "../e2e/replay.ts";
import { ofStack, ofStandalone } from "../e2e/targets.ts";

type Shown = Map<string, Record<string, unknown>>;

const folder = resolve(process.argv[2] ?? "");
const until = new Date(Date.now() - 3_600_000).toISOString();
const items = someItems();
const bodies = await replayBodies(folder, until);
const expected = expectedModels(bodies, items);
console.log(`${bodies.length} events of ${expected.size} people, until ${until}`);

async function run(name: string, target: Target): Promise<Shown> {
  const work = await mkdtemp(join(tmpdir(), "signalpath-compare-"));
  try {
    await importItems(target, items);
    const startedAt = performance.now();
    const counts = await replay(target, folder, { until, state: join(work, "state.json") });
    const sentMs = performance.now() - startedAt;
    console.log(`${name}: sent in ${(sentMs / 1_000).toFixed(1)} s`);
    const shown = await shownModels(target, expected, 120_000);
    const doneMs = performance.now() - startedAt;
    console.log(
      `${name}: accepted ${counts.accepted}, duplicates ${counts.duplicates}; sent in ` +
        `${(sentMs / 1_000).toFixed(1)} s (${Math.round((bodies.length / sentMs) * 1_000)} events/s), ` +
        `all models there after ${(doneMs / 1_000).toFixed(1)} s`,
    );
    return shown;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function differing(a: Shown, b: Shown): string[] {
  return [...expected.keys()].filter((user) => !isDeepStrictEqual(a.get(user), b.get(user)));
}

async function onStandalone(): Promise<Shown> {
  const standalone = await startStandalone();
  try {
    return await run("standalone", ofStandalone(standalone));
  } finally {
    await standalone.stop();
  }
}

async function onServers(): Promise<Shown> {
  const stack = await startStack();
  try {
    return await run("NATS, Redis, Postgres", ofStack(stack));
  } finally {
    await stack.stop();
  }
}

const one = await onStandalone();
const many = await onServers();
const core = shownExpected(expected);
const verdicts: [string, string[]][] = [
  ["standalone against the real stack", differing(one, many)],
  ["standalone against the pure core", differing(one, core)],
  ["real stack against the pure core", differing(many, core)],
];
for (const [what, users] of verdicts) {
  console.log(`${what}: ${expected.size - users.length} of ${expected.size} models equal`);
  if (users.length > 0) process.exitCode = 1;
}
