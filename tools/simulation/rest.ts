import { settle } from "./turns.ts";
import type { World } from "./world.ts";

/** Calls after which a schedule that still finds something to do counts as endless. */
const MAX_TURNS = 2_500;
/** Messages handed over at one time. */
const BATCH = 500;

/**
 * Everything goes on undisturbed: processes start again, calls happen in the order in which they
 * were made, messages are delivered, erasures asked again, until nothing is left to do.
 */
export async function comeToRest(world: World): Promise<void> {
  for (let turns = 0; turns < MAX_TURNS;) {
    for (let place = 0; place < world.workers.length; place++) world.start(place);
    await settle();
    const [next] = world.turns.waiting();
    if (next !== undefined) {
      await world.turns.go(next, "done");
      turns += 1;
      continue;
    }
    // A call may wait for a turn of the event loop.
    await settle();
    if (world.turns.waiting().length > 0) continue;
    if (!(await stir(world))) return;
    turns += 1;
  }
  world.problem("does not come to rest");
}

/** Gives the next thing that is due its start. False: nothing is. */
async function stir(world: World): Promise<boolean> {
  const failed = world.erasures.find(({ status }) => status === "failed");
  if (failed !== undefined) {
    failed.again();
    return true;
  }
  for (const worker of world.workers) {
    if (worker === undefined || (await worker.hasContent())) continue;
    // A reading that failed is repeated; a reconnect does what the timer would.
    if (!release(world)) world.bus.back(worker.actor);
    return true;
  }
  for (const [place, worker] of world.workers.entries()) {
    if (worker === undefined) continue;
    const durables = world.bus.durablesOf(worker.actor);
    const turned = place % 2 === 0 ? durables : durables.toReversed();
    if (turned.some((durable) => world.bus.deliver(worker.actor, durable, BATCH, 0))) return true;
  }
  // What was put aside goes on when everybody else is done.
  if (release(world)) return true;
  for (const worker of world.workers) {
    if (worker === undefined || (await worker.isCaughtUp())) continue;
    worker.beat();
    return true;
  }
  return false;
}

function release(world: World): boolean {
  const isAny = world.turns.held().length > 0;
  world.turns.release();
  return isAny;
}
