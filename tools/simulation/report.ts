import type { Mutation } from "./mutation.ts";
import { runSteps, type Verdict } from "./run.ts";
import { shrink } from "./shrink.ts";
import type { Step } from "./steps.ts";
import type { Turn } from "./turns.ts";
import type { World } from "./world.ts";

/**
 * A failing schedule in its shortest form, readable: every step, and below it every call that
 * happened until the next one.
 */
export async function reportOf(
  steps: readonly Step[],
  first: Verdict,
  mutation?: Mutation,
): Promise<string> {
  // Any fault keeps a shorter form: what a cut turns into another fault is a fault too.
  const shortest = await shrink(
    steps,
    async (fewer) => (await runSteps(fewer, mutation)).problems.length > 0,
  );
  const lines: string[] = [];
  const { problems, notes } = await runSteps(shortest, mutation, (world, step) => {
    listen(world, lines);
    lines.push(step === undefined ? "then everything goes on undisturbed" : textOf(world, step));
  });
  return [
    `${steps.length} steps, ${shortest.length} in the shortest form found:`,
    ...lines.map((line) => `  ${line}`),
    "wrong at the end:",
    ...problems.map((problem) => `  ${problem}`),
    ...notes.map((note) => `  said: ${note}`),
    ...(problems.length === 0 ? first.problems.map((problem) => `  at first: ${problem}`) : []),
  ].join("\n");
}

const heard = new WeakSet<World>();

/** Writes every call down as it happens. */
function listen(world: World, lines: string[]): void {
  if (heard.has(world)) return;
  heard.add(world);
  const turns = { ...world.turns };
  world.turns.go = (turn: Turn, fate) => {
    const end = fate === "done" ? "" : ` (${fate})`;
    lines.push(`    ${turn.actor.name}: ${turn.what}${end}`);
    return turns.go(turn, fate);
  };
}

function textOf(world: World, step: Step): string {
  switch (step.do) {
    case "publish": {
      const { event_id, offsetMs, ...said } = step.said;
      const times = step.copies === 1 ? "" : ` ${step.copies} times`;
      return `publish ${event_id}${times} at ${offsetMs} ms: ${JSON.stringify(said)}`;
    }
    case "lose": {
      const lost = Object.entries(step.lost).flatMap(([part, is]) => (is ? [part] : []));
      return `lose ${lost.join(", ")} of ${keyName(world, step.key)}`;
    }
    case "evict":
      return `evict the buffer of ${keyName(world, step.key)}`;
    default: {
      const { do: what, ...rest } = step;
      const values = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
      return [what, ...values].join(" ");
    }
  }
}

function keyName(world: World, place: number): string {
  return world.nameOf(world.keys[place % world.keys.length]);
}
