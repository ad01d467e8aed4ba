import { setTimeout as pause } from "node:timers/promises";

import { flawsOfAnswer, readAnswer, type Answer } from "./answer.ts";
import { requestOf, type FuzzCase } from "./case.ts";
import { flawsOfIngest } from "./ingest-flaws.ts";
import { prototypesText } from "./prototypes.ts";
import { comparableOf, flawsOfRepetition } from "./same-answer.ts";
import type { Target } from "./world.ts";

/** Longest time until what was written is read everywhere, and twice that for a busy machine. */
const VISIBLE_MS = 4_000;

export interface Checked {
  flaws: string[];
  /** First answer of the first world. */
  answer: Answer | undefined;
}

/** Two worlds that are sent the same requests, and what they held at the start. */
export interface Pair {
  worlds: readonly [Target, Target];
  witnesses: readonly [string, string];
  prototypes: string;
}

export async function pairOf(open: () => Promise<Target>): Promise<Pair> {
  const worlds = [await open(), await open()] as const;
  const witnesses = [await worlds[0].witness(), await worlds[1].witness()] as const;
  return { worlds, witnesses, prototypes: prototypesText() };
}

/**
 * Sends a case to both worlds, twice, and names every promise that was broken.
 * @param settled waits for what was accepted to reach the models before it looks at the witness
 */
export async function checkCase(pair: Pair, one: FuzzCase, settled: boolean): Promise<Checked> {
  const [world, twin] = pair.worlds;
  const flaws: string[] = [];
  let answer: Answer | undefined;
  try {
    // Lists and models are read from what the consumers have made of the events so far.
    if (one.door === "recommend") await Promise.all([world.settle(), twin.settle()]);
    answer = await send(world, one);
    flaws.push(...flawsOfAnswer(one, answer));
    if (flaws.length === 0 && one.door === "ingest")
      flaws.push(...(await flawsOfIngest(world, one, answer)));
    const differing = await difference(pair, one, answer, await send(twin, one));
    if (differing !== undefined) flaws.push(differing);
    if (one.method === "GET") answer = await send(world, one);
    if (flaws.length === 0) {
      const again = await send(world, one);
      flaws.push(...flawsOfAnswer(one, again), ...flawsOfRepetition(one, answer, again));
      await send(twin, one);
    }
    if (settled) await Promise.all([world.settle(), twin.settle()]);
    if ((await world.witness()) !== pair.witnesses[0]) flaws.push("the witness was touched");
  } catch (error) {
    flaws.push(`threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  if (prototypesText() !== pair.prototypes) flaws.push("a prototype was polluted");
  for (const line of pair.worlds.flatMap((each) => each.takeErrors())) {
    flaws.push(`logged ${line.slice(0, 1_000)}`);
  }
  world.tick();
  twin.tick();
  return { flaws, answer };
}

/**
 * How two worlds of one history differ. Indexes and caches follow what was stored within a time that
 * is promised: what is read is asked for again until then.
 */
async function difference(
  { worlds: [world, twin] }: Pair,
  one: FuzzCase,
  answer: Answer,
  other: Answer,
): Promise<string | undefined> {
  let [left, right] = [comparableOf(one, answer), comparableOf(one, other)];
  const until = performance.now() + VISIBLE_MS;
  while (left !== right && one.method === "GET" && performance.now() < until) {
    await pause(20);
    [left, right] = [
      comparableOf(one, await send(world, one)),
      comparableOf(one, await send(twin, one)),
    ];
  }
  if (left === right) return undefined;
  let at = 0;
  while (left[at] === right[at]) at++;
  const part = (text: string): string => text.slice(Math.max(0, at - 80), at + 200);
  return `two fresh worlds answer differently: ${part(left)} and ${part(right)}`;
}

async function send(target: Target, one: FuzzCase): Promise<Answer> {
  return readAnswer(await target.fetch(requestOf(one, target.keys)));
}
