import {
  sameVersion,
  type BufferAnswer,
  type EventBuffer,
  type MemoryUserState,
  type ModelVersion,
} from "@signalpath/ports";
import { BUFFER_WINDOW_MS, type SignalEvent, type UserKey } from "@signalpath/domain";

import type { Mutation } from "./mutation.ts";
import { pausedFillingOf, pausedRebuildOf, pausedSaveOf } from "./shapes.ts";

/** Every rule of how events become models, switched off one at a time. */
export const MUTANTS: readonly Mutation[] = [
  {
    name: "stored copies are not used",
    archive: (archive) => ({
      ...archive,
      async put(events) {
        const answer = await archive.put(events);
        const results = answer.results.map((result, index) =>
          result.status === "stored" ? { ...result, event: events[index] as SignalEvent } : result,
        );
        return { ...answer, results };
      },
    }),
  },
  {
    name: "a save compares nothing",
    plan: pausedSaveOf,
    userState: ({ state, models }) => {
      const plain = { ...models };
      models.save = async (key, model, version) => {
        const person = state.find(key);
        const isFloored = version.revision < (state.mark(key)?.floor ?? 0);
        if (person?.model !== undefined && !isFloored) person.model = undefined;
        return plain.save(key, model, version);
      };
    },
  },
  {
    name: "the revision starts at one after a loss",
    within: 1_500,
    userState: ({ state }) => {
      state.nextRevision = (previous) => previous + 1;
    },
  },
  {
    name: "the filled mark is ignored",
    userState: ({ buffer }) => eachAnswer(buffer, (answer) => ({ ...answer, filled: true })),
  },
  {
    name: "the filled mark outlives a wipe",
    userState: ({ buffer }) => {
      const once = new Set<UserKey>();
      eachAnswer(buffer, (answer, key) => {
        if (answer.filled) once.add(key);
        return { ...answer, filled: once.has(key) };
      });
    },
  },
  { name: "links are decided again", rules: { firstLinkWins: false } },
  { name: "links may close a circle", within: 1_500, rules: { circles: false } },
  { name: "tombstones are ignored", rules: { tombstones: false } },
  { name: "erased ids are forgotten", rules: { erasedIds: false } },
  {
    name: "redirects are ignored",
    userState: ({ state }) => {
      const plain = { ...state };
      state.mark = (key) => {
        const found = plain.mark(key);
        return found === undefined ? undefined : { ...found, redirect: undefined };
      };
    },
  },
  {
    name: "nobody finishes a move",
    userState: (store) => {
      // A redirect that says nothing of what is behind it.
      eachRedirect(store.buffer);
      store.moveParts = 2;
    },
  },
  {
    name: "an erasure sets no floor",
    plan: pausedRebuildOf,
    userState: ({ state, buffer, models }) => {
      for (const port of [buffer, models]) {
        const plain = { ...port };
        port.erase = async (key: UserKey, floor: number) => {
          const before = state.find(key)?.revision ?? 0;
          const answer = await plain.erase(key, floor);
          forgetFloor(state, key, before);
          return answer;
        };
      }
    },
  },
  { name: "messages are acknowledged before the save", ackFirst: true },
  {
    name: "nothing is caught up after a loss",
    reader: (reader) => ({ ...reader, touchedSince: async () => [] }),
  },
  {
    name: "no refresh when an append added nothing",
    context: (ctx) => {
      const idle = new Set<UserKey>();
      const plain = { ...ctx.buffer };
      const seen = new Map<UserKey, number>();
      ctx.buffer.append = async (key, events, options) => {
        const before = await ctx.buffer.read(key);
        const answer = await plain.append(key, events, options);
        const isSame = answer.status === "ok" && before.status === "ok";
        if (isSame && answer.revision === before.revision) idle.add(key);
        else idle.delete(key);
        if (answer.status === "ok") seen.set(key, answer.revision);
        return answer;
      };
      const models = { ...ctx.models };
      ctx.saved.has = (key, version) => idle.has(key) && seen.get(key) === version.revision;
      ctx.models.get = async (key, known?: ModelVersion) =>
        known !== undefined && idle.has(key) ? { status: "unchanged" } : models.get(key, known);
    },
  },
  {
    name: "the window hangs on the clock",
    userState: ({ buffer, state }) =>
      eachAnswer(buffer, (answer) => {
        const floor = state.now() - BUFFER_WINDOW_MS;
        const isInside = (event: SignalEvent) => Date.parse(event.occurred_at) > floor;
        return { ...answer, events: answer.events.filter(isInside) };
      }),
  },
  {
    name: "a filling does not ask whose archive it was",
    plan: pausedFillingOf,
    userState: ({ buffer }) => {
      const plain = { ...buffer };
      buffer.append = (key, events, options) =>
        plain.append(key, events, { fill: options?.fill === true });
    },
  },
  {
    name: "a model that was saved counts as saved for ever",
    context: (ctx) => {
      const saved = new Map<UserKey, ModelVersion>();
      ctx.saved.set = (key, version) => void saved.set(key, { ...version });
      ctx.saved.has = (key, version) => {
        const last = saved.get(key);
        return last !== undefined && sameVersion(last, version);
      };
      const models = { ...ctx.models };
      ctx.models.get = async (key, known?: ModelVersion) =>
        known === undefined ? models.get(key) : { status: "unchanged" };
    },
  },
  {
    name: "erasures are not heard",
    within: 1_500,
    bus: (bus) => ({
      ...bus,
      hear: (filter, handler) =>
        bus.hear(filter, (message) => {
          if (!filter.startsWith("users.")) handler(message);
        }),
    }),
  },
];

type Kept = Extract<BufferAnswer, { status: "ok" }>;

/** Changes what reads and appends answer. */
function eachAnswer(buffer: EventBuffer, change: (answer: Kept, key: UserKey) => Kept): void {
  const plain = { ...buffer };
  const changed = (answer: BufferAnswer, key: UserKey): BufferAnswer =>
    answer.status === "ok" ? change(answer, key) : answer;
  buffer.read = async (key) => changed(await plain.read(key), key);
  buffer.append = async (key, events, options) =>
    changed(await plain.append(key, events, options), key);
}

function eachRedirect(buffer: EventBuffer): void {
  const plain = { ...buffer };
  const closed = (answer: BufferAnswer): BufferAnswer =>
    answer.status === "moved" ? { ...answer, pending: false } : answer;
  buffer.read = async (key) => closed(await plain.read(key));
  buffer.append = async (key, events, options) => closed(await plain.append(key, events, options));
}

function forgetFloor(state: MemoryUserState, key: UserKey, revision: number): void {
  const mark = state.mark(key);
  if (mark !== undefined) mark.floor = 0;
  const person = state.find(key);
  if (person !== undefined) person.revision = revision;
}
