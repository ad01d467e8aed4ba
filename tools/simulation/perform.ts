import type { UserKey } from "@signalpath/domain";

import { comeToRest } from "./rest.ts";
import type { Lost, Step } from "./steps.ts";
import { settle, type Turn } from "./turns.ts";
import { itemWith, type World } from "./world.ts";

/** A pause in which messages could age out; nothing may be under way then, milliseconds. */
const LONG_MS = 24 * 3_600_000;
/** A server that was away comes back later than it went, milliseconds. */
const OUTAGE_MS = 1_000;

/** Takes one step. Steps that find nothing to act on do nothing. */
export async function perform(world: World, step: Step): Promise<void> {
  await take(world, step);
  await settle();
}

async function take(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case "publish":
      return world.publish(step.said, step.copies);
    case "deliver":
      return deliver(world, step);
    case "turn":
      return turn(world, step);
    case "hold": {
      const chosen = chosenTurn(world, step.pick);
      return chosen === undefined ? undefined : world.turns.hold(chosen);
    }
    case "crash":
      world.workers[step.worker]?.crash();
      world.workers[step.worker] = undefined;
      return undefined;
    case "start":
      return world.start(step.worker);
    case "expire":
    case "replay":
      return again(world, step.do === "expire" ? "out" : "done", step.pick);
    case "wipe":
      return outage(world, () => world.store.wipe());
    case "snapshot":
      return world.store.snapshot();
    case "rollback":
      return outage(world, () => world.store.rollback());
    case "lose":
      return outage(world, () => world.store.lose(keyAt(world, step.key), step.lost));
    case "evict": {
      const lost: Lost = { buffer: true, model: false, meta: false };
      return world.store.lose(keyAt(world, step.key), lost);
    }
    case "advance":
      if (step.ms >= LONG_MS) await comeToRest(world);
      return world.advance(step.ms);
    case "erase":
      return world.erase(step.who);
    case "crash-eraser":
      return world.erasures.find(({ status }) => status === "running")?.crash();
    case "content":
      return world.putContent(itemWith(step.item, step.label));
    case "refresh":
      return world.ask(step.who, "missing");
    case "rebuild":
      return world.workers[step.worker]?.rebuild(step.who);
    case "beat":
      return world.workers[step.worker]?.beat();
    case "bus-back": {
      const worker = world.workers[step.worker];
      if (worker !== undefined) world.bus.back(worker.actor);
      return undefined;
    }
    case "rest":
      return comeToRest(world);
  }
}

function keyAt(world: World, place: number): UserKey {
  return world.keys[place % world.keys.length] as UserKey;
}

function deliver(world: World, step: Extract<Step, { do: "deliver" }>): void {
  const actor = world.workers[step.worker]?.actor;
  if (actor === undefined) return;
  const durables = world.bus.durablesOf(actor).toReversed();
  const durable = durables[step.durable % durables.length];
  if (durable !== undefined) world.bus.deliver(actor, durable, step.count, step.shuffle);
}

function chosenTurn(world: World, pick: number): Turn | undefined {
  const waiting = world.turns.waiting();
  return waiting[pick % Math.max(1, waiting.length)];
}

async function turn(world: World, step: Extract<Step, { do: "turn" }>): Promise<void> {
  const chosen = chosenTurn(world, step.pick);
  if (chosen === undefined) return;
  await world.turns.go(chosen, step.fate);
  for (let n = 0; n < step.more; n++) {
    const next = world.turns.waiting().find(({ actor }) => actor === chosen.actor);
    if (next === undefined) return;
    await world.turns.go(next, "done");
  }
}

function again(world: World, status: "out" | "done", pick: number): void {
  const copies = world.bus.copies().filter((copy) => copy.status === status);
  const copy = copies[pick % Math.max(1, copies.length)];
  if (copy !== undefined) copy.status = "ready";
}

/** Connections break, the store changes behind them, every updater hears that it is back. */
async function outage(world: World, change: () => void): Promise<void> {
  await world.turns.breakConnections("user state");
  change();
  world.advance(OUTAGE_MS);
  for (const worker of world.workers) worker?.storeIsBack();
}
