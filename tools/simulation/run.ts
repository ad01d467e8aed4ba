import type { Mutation } from "./mutation.ts";
import { isOfOlderContent, judge } from "./oracle.ts";
import { perform } from "./perform.ts";
import { comeToRest } from "./rest.ts";
import { DEVICES, USERS, type Step } from "./steps.ts";
import { openWorld, type World } from "./world.ts";

export const NO_MUTATION: Mutation = { name: "none" };

export interface Verdict {
  /** What is wrong at the end; empty = nothing. */
  problems: string[];
  /** What processes had to say about faults, for a report. */
  notes: readonly string[];
}

/** Runs one schedule to its end and judges what is left. The same steps give the same verdict. */
export async function runSteps(
  steps: readonly Step[],
  mutation: Mutation = NO_MUTATION,
  onStep?: (world: World, step: Step | undefined) => void,
): Promise<Verdict> {
  const world = await openWorld(mutation);
  try {
    for (const step of steps) {
      onStep?.(world, step);
      await perform(world, step);
      if (world.problems.length > 0) return verdict(world, world.problems);
    }
    onStep?.(world, undefined);
    await comeToRest(world);
    const found = await judge(world, false);
    if (found.length > 0) return verdict(world, found);
    for (const who of await needed(world)) world.ask(who, "missing");
    await comeToRest(world);
    return verdict(world, await judge(world, true));
  } finally {
    for (const worker of world.workers) worker?.crash();
    for (const erasure of world.erasures) erasure.crash();
  }
}

function verdict(world: World, problems: readonly string[]): Verdict {
  return { problems: [...problems], notes: world.notes };
}

/** Ids under which a reader would find no model, or one of older content: each read asks for it. */
async function needed(world: World): Promise<string[]> {
  const wanted: string[] = [];
  for (const who of [...USERS, ...DEVICES]) {
    const answer = await world.store.models.get(world.keyOf(who));
    const there = answer.status === "moved" ? await world.store.models.get(answer.to) : answer;
    const key = answer.status === "moved" ? answer.to : world.keyOf(who);
    if (there.status !== "ok" || (await isOfOlderContent(world, key))) wanted.push(who);
  }
  return wanted;
}
