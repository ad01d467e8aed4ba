import {
  createMemoryEventBuffer,
  createMemoryUserModelStore,
  createMemoryUserState,
  type EventBuffer,
  type MemoryUserState,
  type UserModelStore,
} from "@signalpath/ports";
import type { UserKey } from "@signalpath/domain";

import { beginMove } from "@signalpath/ports/internal/event-buffer/memory.ts";
import type { Person } from "@signalpath/ports/internal/event-buffer/memory-state.ts";
import type { Lost } from "./steps.ts";
import { takingTurns, type Actor, type Turns } from "./turns.ts";

/** Buffers and models that come back empty, old or in parts, as a Redis does. */
export interface LossyUserState {
  /** The state behind, whichever it is now. A rule is switched off by replacing a method. */
  state: MemoryUserState;
  buffer: EventBuffer;
  models: UserModelStore;
  wipe(): void;
  /** Keeps a copy to go back to. */
  snapshot(): void;
  rollback(): void;
  lose(key: UserKey, lost: Lost): void;
  /** Calls of a move that are made; all 3 unless the rule is switched off. */
  moveParts: number;
  /** The stores as one actor reaches them. A move is three calls, as on a server. */
  forActor(turns: Turns, actor: Actor): { buffer: EventBuffer; models: UserModelStore };
}

export function createLossyUserState(
  now: () => number,
  keys: readonly UserKey[],
  nameOf: (key: unknown) => string,
): LossyUserState {
  let inner = createMemoryUserState({ now });
  let lives = 0;
  let copy: () => MemoryUserState = () => createMemoryUserState({ now });
  const state: MemoryUserState = {
    now,
    find: (key) => inner.find(key),
    findOrCreate: (key) => inner.findOrCreate(key),
    forget: (key) => inner.forget(key),
    mark: (key) => inner.mark(key),
    writeMark: (key) => inner.writeMark(key),
    nextRevision: (previous) => inner.nextRevision(previous),
    // A server names lives by its clock: none comes twice, whatever was lost.
    nextLife: () => `${++lives}`,
    size: () => inner.size(),
    get appliedAt() {
      return inner.appliedAt;
    },
    set appliedAt(ms) {
      inner.appliedAt = ms;
    },
  };
  const buffer = createMemoryEventBuffer(state);
  const models = createMemoryUserModelStore(state);
  const describe = (method: string, [key, ...rest]: readonly unknown[]) => {
    const [what] = rest;
    const amount = Array.isArray(what) ? ` ${what.length} events` : "";
    const fill = (rest[1] as { fill?: boolean } | undefined)?.fill === true ? " fill" : "";
    return `${method} ${nameOf(key)}${amount}${fill}`;
  };

  const store: LossyUserState = {
    state,
    buffer,
    models,
    moveParts: 3,
    wipe: () => void (inner = createMemoryUserState({ now })),
    snapshot: () => void (copy = copyOf(inner, now, keys)),
    rollback: () => void (inner = copy()),
    lose: (key, lost) => lose(inner, key, lost),
    forActor(turns, actor) {
      const own = takingTurns(turns, actor, "user state", buffer, (method, args) =>
        describe(`buffer.${method}`, args),
      );
      own.move = (from, to) => moveInSteps(store, turns, actor, from, to, nameOf);
      const ownModels = takingTurns(turns, actor, "user state", models, (method, args) =>
        describe(`models.${method}`, args),
      );
      return { buffer: own, models: ownModels };
    },
  };
  return store;
}

function copyOf(
  from: MemoryUserState,
  now: () => number,
  keys: readonly UserKey[],
): () => MemoryUserState {
  const { appliedAt } = from;
  const people = keys.map((key) => {
    const [person, mark] = [from.find(key), from.mark(key)];
    return { key, person: person && copyPerson(person), mark: mark && { ...mark } };
  });
  return () => {
    const next = createMemoryUserState({ now });
    next.appliedAt = appliedAt;
    for (const { key, person, mark } of people) {
      if (person !== undefined) Object.assign(next.findOrCreate(key), copyPerson(person));
      if (mark !== undefined) Object.assign(next.writeMark(key), mark);
    }
    return next;
  };
}

/** Events and models are never changed, so they may be shared. */
function copyPerson(person: Person): Person {
  const { events, ids } = person.kept;
  return { ...person, kept: { events: [...events], ids: new Set(ids) } };
}

function lose(state: MemoryUserState, key: UserKey, lost: Lost): void {
  const person = state.find(key);
  if (lost.meta) {
    const mark = state.writeMark(key);
    Object.assign(mark, { redirect: undefined, open: false, floor: 0, until: 0 });
    if (person !== undefined) person.revision = 0;
  }
  if (person === undefined) return;
  if (lost.model) person.model = undefined;
  // The revision is kept beside the events.
  if (lost.buffer) {
    Object.assign(person, { kept: { events: [], ids: new Set() }, filled: false, life: "" });
  }
}

/** Redirect; events into the new buffer; old buffer away: others come between. */
async function moveInSteps(
  store: LossyUserState,
  turns: Turns,
  actor: Actor,
  from: UserKey,
  to: UserKey,
  nameOf: (key: unknown) => string,
): Promise<void> {
  const { state } = store;
  const step = <T>(part: string, effect: () => T | Promise<T>) =>
    turns.call(actor, "user state", `${part} ${nameOf(from)} -> ${nameOf(to)}`, effect);
  const taken = await step("begin move", () => {
    beginMove(state, from, to);
    const mark = state.mark(from);
    if (mark?.redirect === undefined || !mark.open) return undefined;
    const source = state.find(from);
    const events = source?.kept.events.slice() ?? [];
    return { redirect: mark.redirect, events, filled: source?.filled === true };
  });
  if (taken === undefined) return;
  await step("move events", async () => {
    let root = taken.redirect;
    for (let next = state.mark(root)?.redirect; next !== undefined;) {
      root = next;
      next = state.mark(root)?.redirect;
    }
    void store.buffer.append(root, taken.events);
    const target = state.find(root);
    if (!taken.filled && target !== undefined && target.life !== "") {
      Object.assign(target, { filled: false, life: state.nextLife() });
    }
  });
  if (store.moveParts < 3) return;
  await step("finish move", () => {
    const mark = state.mark(from);
    if (mark?.redirect === undefined) return;
    state.forget(from);
    mark.open = false;
  });
}
