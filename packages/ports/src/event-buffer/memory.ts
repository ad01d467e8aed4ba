import { BUFFER_WINDOW_MS, type SignalEvent, type UserKey } from "@signalpath/domain";

import { RefusedError } from "../errors.ts";
import { eventMs } from "./event-ms.ts";
import type { MemoryUserState, Person } from "./memory-state.ts";
import type { BufferAnswer, BufferContent, BufferMoved, EventBuffer } from "./port.ts";
import { emptyEvents, joinInPlace } from "./sorted-events.ts";

/** Redirects followed before a chain counts as a circle. */
const MAX_HOPS = 32;

/**
 * The event buffer in this process. Events are kept by reference: who hands them over or gets them
 * does not change them.
 */
export function createMemoryEventBuffer(state: MemoryUserState): EventBuffer {
  return {
    read: async (key) => movedAnswer(state, key) ?? content(state.find(key)),
    append: async (key, events, options = {}) => append(state, key, events, options),
    move: async (from, to) => {
      beginMove(state, from, to);
      finishMove(state, from);
    },
    erase: async (key, floor, options) => erase(state, key, floor, options?.everything === true),
    appliedAt: async () => state.appliedAt,
    saveAppliedAt: async (ms) => void (state.appliedAt = ms),
    onReconnect: () => () => undefined,
    check: async () => undefined,
  };
}

/** The redirect's answer, or undefined when the key was never moved. */
export function movedAnswer(state: MemoryUserState, key: UserKey): BufferMoved | undefined {
  const mark = state.mark(key);
  if (mark?.redirect === undefined) return undefined;
  return { status: "moved", to: mark.redirect, pending: mark.open };
}

function content(person: Person | undefined): BufferContent {
  const { kept, revision = 0, filled = false, life = "" } = person ?? {};
  return { status: "ok", events: kept?.events.slice() ?? [], revision, filled, life };
}

function append(
  state: MemoryUserState,
  key: UserKey,
  events: readonly SignalEvent[],
  { fill = false, life }: { fill?: boolean; life?: string } = {},
): BufferAnswer {
  const moved = movedAnswer(state, key);
  if (moved !== undefined) return moved;
  const current = state.find(key);
  if (life !== undefined && life !== (current?.life ?? "")) {
    return { ...content(current), otherLife: true };
  }
  if (events.length === 0 && !fill) return content(current);
  for (const event of events) eventMs(event);
  const person = state.findOrCreate(key);
  if (person.life === "") person.life = state.nextLife();
  if (joinInPlace(person.kept, events)) {
    person.revision = Math.max(state.nextRevision(person.revision), state.mark(key)?.floor ?? 0);
  }
  if (fill) person.filled = true;
  setExpiry(state, person);
  // Answered once, gone by the next call.
  const isGone = person.bufferUntil <= state.now();
  return isGone ? { ...content(person), life: "" } : content(person);
}

function setExpiry(state: MemoryUserState, person: Person): void {
  const newest = person.kept.events.at(-1);
  const from = newest === undefined ? state.now() : Date.parse(newest.occurred_at);
  person.bufferUntil = from + BUFFER_WINDOW_MS;
}

/** First half of a move: the redirect stands, nobody appends to `from` any more. */
export function beginMove(state: MemoryUserState, from: UserKey, to: UserKey): void {
  const root = follow(state, to);
  if (root === from) throw new RefusedError("a buffer cannot move onto itself");
  const mark = state.writeMark(from);
  if (mark.redirect !== undefined) return;
  mark.redirect = root;
  mark.open = true;
}

/** Second half: the events follow the redirect. Nothing to do when that has happened. */
export function finishMove(state: MemoryUserState, from: UserKey): void {
  const mark = state.mark(from);
  if (mark?.redirect === undefined || !mark.open) return;
  const source = state.find(from);
  const root = follow(state, mark.redirect);
  append(state, root, source?.kept.events ?? []);
  // What `from` had lost is missing in `root` too: only the archive can say what it was.
  const target = state.find(root);
  if (source?.filled !== true && target !== undefined) {
    // A filling under way has read the archive before it knew of these events.
    Object.assign(target, { filled: false, life: state.nextLife() });
  }
  state.forget(from);
  mark.open = false;
}

function follow(state: MemoryUserState, key: UserKey): UserKey {
  let at = key;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const next = state.mark(at)?.redirect;
    if (next === undefined) return at;
    at = next;
  }
  throw new RefusedError("redirects go in a circle");
}

function erase(
  state: MemoryUserState,
  key: UserKey,
  floor: number,
  everything: boolean,
): { removed: boolean; modelRemoved?: boolean; featuresRemoved?: boolean } {
  const mark = state.writeMark(key);
  const person = state.find(key);
  const removed = person !== undefined && person.kept.events.length > 0;
  // A refresh that read the set before must lose, even where its revision ran ahead of the clock.
  const raised = removed ? state.nextRevision(person.revision) : 0;
  mark.floor = Math.max(mark.floor, floor, raised);
  // Nothing is left that a move could bring.
  mark.open = false;
  const modelRemoved = person?.model !== undefined;
  const featuresRemoved = person !== undefined && person.features.size > 0;
  if (person !== undefined) {
    const emptied = { kept: emptyEvents(), filled: false, life: "", revision: mark.floor };
    Object.assign(person, emptied, { bufferUntil: state.now() + BUFFER_WINDOW_MS });
    person.features = new Map();
    if (everything) person.model = undefined;
  }
  return everything ? { removed, modelRemoved, featuresRemoved } : { removed };
}
