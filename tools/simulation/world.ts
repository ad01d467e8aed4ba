import { SUBJECT_OF_KIND, subjects } from "@signalpath/contracts";
import { userKey, type ContentItem, type SignalEvent, type UserKey } from "@signalpath/domain";
import {
  createMemoryArchive,
  createMemoryCatalogue,
  createMemoryDeadLetters,
  createMemoryProjects,
  type Archive,
  type ArchiveReader,
  type Catalogue,
  type DeadLetters,
  type ItemStats,
  type Projects,
} from "@signalpath/ports";

import { sha256 } from "@signalpath/service-kit";
import { startErasure, type Erasure } from "./erasure.ts";
import { ALL_RULES, createLedger, type Ledger } from "./ledger.ts";
import type { Mutation } from "./mutation.ts";
import { createSimBus, type SimBus } from "./sim-bus.ts";
import { DEVICES, ITEMS, LABELS, USERS, WORKERS, type Said } from "./steps.ts";
import { createTurns, type Turns } from "./turns.ts";
import { createLossyUserState, type LossyUserState } from "./user-state.ts";
import { startWorker, type Worker } from "./worker.ts";

/** Clocks of replicas differ a little, milliseconds. */
const SKEWS_MS = [0, 2_500];

/** Everything of one schedule: nothing outlives it, nothing is shared with another. */
export interface World {
  now(): number;
  advance(ms: number): void;
  turns: Turns;
  bus: SimBus;
  store: LossyUserState;
  archive: Archive;
  reader: ArchiveReader;
  deadLetters: DeadLetters;
  itemStats: ItemStats;
  catalogue: Catalogue;
  projects: Projects;
  ledger: Ledger;
  mutation: Mutation;
  keys: readonly UserKey[];
  nameOf(key: unknown): string;
  keyOf(name: string): UserKey;
  describe(method: string, args: readonly unknown[]): string;
  /** The updater in that place, undefined after a crash. */
  workers: (Worker | undefined)[];
  start(place: number): void;
  erasures: Erasure[];
  erase(who: string): void;
  publish(said: Said, copies: number): void;
  putContent(item: ContentItem): Promise<void>;
  /** Rows that were archived when an item changed last; Infinity = it never did. */
  rowsBeforeChange(itemId: string | undefined): number;
  ask(who: string, reason: "missing" | "content"): void;
  /** Longest the clock was put forward at once, milliseconds. */
  longestPauseMs(): number;
  problem(text: string): void;
  problems: readonly string[];
  note(text: string): void;
  notes: readonly string[];
}

export function itemWith(item_id: string, label: string): ContentItem {
  return { item_id, title: item_id, word_count: 200, tags: [{ facet: "theme", label }] };
}

export async function openWorld(mutation: Mutation): Promise<World> {
  let clock = Date.UTC(2026, 5, 12, 12);
  let longestPauseMs = 0;
  const rowsBefore = new Map<string, number>();
  const now = () => clock;
  const names = new Map<UserKey, string>();
  for (const id of USERS) names.set(userKey(sha256, 1, "user", id), id);
  for (const id of DEVICES) {
    names.set(userKey(sha256, 1, "anonymous", id), id);
    // An alias may name a device as if it were a user.
    names.set(userKey(sha256, 1, "user", id), `user ${id}`);
  }
  const keys = [...names.keys()];
  const nameOf = (key: unknown) => names.get(key as UserKey) ?? String(key);
  const turns = createTurns();
  const store = createLossyUserState(now, keys, nameOf);
  mutation.userState?.(store);
  const deadLetters = createMemoryDeadLetters({ sha256 });
  const ledger = createLedger(sha256, now, keys);
  const projects = createMemoryProjects({ now });
  const catalogue = createMemoryCatalogue();
  await projects.create("shop");
  await catalogue.put(
    1,
    ITEMS.map((id, n) => itemWith(id, LABELS[n % LABELS.length] as string)),
  );
  const problems: string[] = [];
  const notes: string[] = [];
  const bus = createSimBus(turns, now, mutation);

  const world: World = {
    now,
    turns,
    bus,
    store,
    deadLetters,
    catalogue,
    projects,
    ledger,
    mutation,
    keys,
    nameOf,
    problems,
    notes,
    workers: [],
    erasures: [],
    ...archiveOf(mutation, { now, deadLetters, ledger, keys }),
    advance(ms) {
      clock += ms;
      longestPauseMs = Math.max(longestPauseMs, ms);
    },
    longestPauseMs: () => longestPauseMs,
    keyOf: (name) => keys.find((key) => names.get(key) === name) as UserKey,
    describe: (method, args) =>
      `${method} ${args.map((arg) => describeArg(arg, nameOf)).join(" ")}`,
    start: (place) =>
      void (world.workers[place] ??= startWorker(world, `updater ${place}`, SKEWS_MS[place] ?? 0)),
    erase: (who) => void world.erasures.push(startErasure(world, who)),
    publish(said, copies) {
      for (let n = 0; n < copies; n++) {
        const event = eventOf(said, copies === 1 ? "" : `#${n}`, clock + n);
        bus.publish(SUBJECT_OF_KIND[event.kind].name, event);
      }
    },
    async putContent(item) {
      const { upserted, version } = await catalogue.put(1, [item]);
      if (upserted.length === 0) return;
      rowsBefore.set(item.item_id, ledger.inserted());
      bus.publish(subjects.contentChanged.name, { project_id: 1, version, upserted, removed: [] });
    },
    rowsBeforeChange: (itemId) => rowsBefore.get(itemId ?? "") ?? Infinity,
    ask: (user_id, reason) =>
      void bus.publish(subjects.userRefreshRequested.name, { project_id: 1, user_id, reason }),
    problem: (text) => void problems.push(text),
    note: (text) => void notes.push(text),
  };
  for (let place = 0; place < WORKERS; place++) world.start(place);
  return world;
}

/** The memory keeper, its transactions written down in the ledger as they happen. */
function archiveOf(
  mutation: Mutation,
  {
    now,
    deadLetters,
    ledger,
    keys,
  }: {
    now: () => number;
    deadLetters: ReturnType<typeof createMemoryDeadLetters>;
    ledger: Ledger;
    keys: readonly UserKey[];
  },
): Pick<World, "archive" | "reader" | "itemStats"> {
  const memory = createMemoryArchive({ sha256, now, deadLetters });
  let { archive, reader } = memory;
  if (mutation.rules !== undefined) {
    const lax = createLedger(sha256, now, keys, { ...ALL_RULES, ...mutation.rules });
    archive = { ...archive, ...lax.archive };
    reader = { ...reader, ...lax.reader };
  }
  archive = mutation.archive?.(archive) ?? archive;
  reader = mutation.reader?.(reader) ?? reader;
  const inner = archive;
  const written: Archive = {
    ...inner,
    put(events) {
      ledger.put(events);
      return inner.put(events);
    },
    erase(projectId, key, atMs) {
      ledger.erase(key, atMs);
      return inner.erase(projectId, key, atMs);
    },
  };
  return { archive: written, reader, itemStats: memory.itemStats };
}

function eventOf({ offsetMs, ...said }: Said, suffix: string, nowMs: number): SignalEvent {
  return {
    ...said,
    event_id: `${said.event_id}${suffix}`,
    project_id: 1,
    occurred_at: new Date(nowMs + offsetMs).toISOString(),
    received_at: new Date(nowMs).toISOString(),
  };
}

function describeArg(arg: unknown, nameOf: (key: unknown) => string): string {
  if (Array.isArray(arg)) {
    const ids = arg.map((one: string | { event_id: string }) =>
      typeof one === "string" ? one : one.event_id,
    );
    return ids.length > 8 ? `[${ids.length}]` : `[${ids.join(" ")}]`;
  }
  if (typeof arg === "string") return nameOf(arg);
  return "";
}
