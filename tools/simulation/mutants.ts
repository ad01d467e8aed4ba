import {
  sameVersion,
  type BufferAnswer,
  type EventBuffer,
  type MemoryUserState,
  type ModelVersion,
} from "@signalpath/ports";
import { BUFFER_WINDOW_MS, type SignalEvent, type UserKey } from "@signalpath/domain";

import type { Mutation } from "./mutation.ts";
import { pausedFillingOf, pausedRebuildOf } from "./shapes.ts";

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
    within: 1_500,
    userState: ({ state, models }) => {
      const { save } = models;
      models.save = async (key, model, version) => {
        const person = state.find(key);
        const isFloored = version.revision < (state.mark(key)?.floor ?? 0);
        if (person?.model !== undefined && !isFloored) person.model = undefined;
        return save(key, model, version);
      };
    },
  },
  {
    name: "the revision starts at one after a loss",
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
  { name: "links may close a circle", rules: { circles: false } },
  { name: "tombstones are ignored", rules: { tombstones: false } },
  { name: "erased ids are forgotten", rules: { erasedIds: false } },
  {
    name: "redirects are ignored",
    userState: ({ state }) => {
      const { mark } = state;
      state.mark = (key) => {
        const found = mark(key);
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
        const { erase } = port;
        port.erase = async (key, floor) => {
          const before = state.find(key)?.revision ?? 0;
          const answer = await erase(key, floor);
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
      const { append } = ctx.buffer;
      const seen = new Map<UserKey, number>();
      ctx.buffer.append = async (key, events, options) => {
        const before = await ctx.buffer.read(key);
        const answer = await append(key, events, options);
        const isSame = answer.status === "ok" && before.status === "ok";
        if (isSame && answer.revision === before.revision) idle.add(key);
        else idle.delete(key);
        if (answer.status === "ok") seen.set(key, answer.revision);
        return answer;
      };
      const { get } = ctx.models;
      ctx.saved.has = (key, version) => idle.has(key) && seen.get(key) === version.revision;
      ctx.models.get = async (key, known?: ModelVersion) =>
        known !== undefined && idle.has(key) ? { status: "unchanged" } : get(key, known);
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
      const { append } = buffer;
      buffer.append = (key, events, { life: _, ...options } = {}) => append(key, events, options);
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
      const { get } = ctx.models;
      ctx.models.get = async (key, known?: ModelVersion) =>
        known === undefined ? get(key) : { status: "unchanged" };
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
  const { read, append } = buffer;
  const changed = (answer: BufferAnswer, key: UserKey): BufferAnswer =>
    answer.status === "ok" ? change(answer, key) : answer;
  buffer.read = async (key) => changed(await read(key), key);
  buffer.append = async (key, events, options) => changed(await append(key, events, options), key);
}

function eachRedirect(buffer: EventBuffer): void {
  const { read, append } = buffer;
  const closed = (answer: BufferAnswer): BufferAnswer =>
    answer.status === "moved" ? { ...answer, pending: false } : answer;
  buffer.read = async (key) => closed(await read(key));
  buffer.append = async (key, events, options) => closed(await append(key, events, options));
}

function forgetFloor(state: MemoryUserState, key: UserKey, revision: number): void {
  const mark = state.mark(key);
  if (mark !== undefined) mark.floor = 0;
  const person = state.find(key);
  if (person !== undefined) person.revision = revision;
}
