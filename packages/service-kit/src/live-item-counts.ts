import { subjects } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import {
  countItemHours,
  readPayload,
  type Bus,
  type Clock,
  type Delivery,
  type ItemHour,
  type Subscription,
} from "@signalpath/ports";

import type { Logger } from "./logger.ts";

/**
 * Event ids remembered, of all projects: the oldest is forgotten first. An id is 200 characters at
 * most and 40 as a rule, so about 10 MB, 25 MB at the very most.
 */
const MAX_IDS = 50_000;
/** Counters of all projects, about 200 bytes each. What would need another waits for the reading. */
const MAX_ROWS = 20_000;

/** What was counted since the archive's own counts were last read. */
export interface LiveItemCounts {
  start(): Promise<void>;
  close(): Promise<void>;
  /** Copies, in no order. */
  rows(projectId: number): ItemHour[];
  /** Rises with every event that counts; back at 0 after a reading. */
  changes(projectId: number): number;
  /** The archive's counts of a project are there, as of this moment or before: begins anew. */
  replaced(projectId: number): void;
}

interface ProjectCounts {
  /** When the last reading was over, milliseconds: what was received by then may be in it. */
  readAtMs: number;
  changes: number;
  rows: Map<string, ItemHour>;
}

/**
 * Counts reactions and views as they are heard, by item and hour, as the archive does: bots left out.
 * Impressions weigh nothing in trends and are not heard.
 *
 * An event never counts twice, neither here nor beside a reading; where that cannot be told it waits
 * for the next reading:
 * - A reading that succeeded drops everything heard until it was over, and leaves out what happened
 *   until then and is heard later, for the archive may have held it already. An event that was heard
 *   but archived only after the reading is so missing for one tick, as is one that is sent late. A
 *   reading that failed drops nothing.
 * - An id that is remembered does not count again. An event that happened before the memory goes back
 *   (start, a lost connection, the newest id that was forgotten) may be a repetition of a forgotten one.
 * - So do events dated after they were received: their own time says nothing.
 * Clocks of services are taken to agree: one that is late by a second makes the first second after a
 * reading wait. A sender whose clock is ahead, and who repeats an id after it was forgotten, is
 * counted twice until the next reading.
 */
export function createLiveItemCounts(deps: {
  bus: Pick<Bus, "hear" | "onReconnect">;
  now: Clock;
  logger: Logger;
  maxIds?: number;
  maxRows?: number;
}): LiveItemCounts {
  const { bus, now, logger, maxIds = MAX_IDS, maxRows = MAX_ROWS } = deps;
  const projects = new Map<number, ProjectCounts>();
  const subscriptions: Subscription[] = [];
  /** Ids in the order they were heard, and when. */
  const heardAt = new Map<string, number>();
  let rememberedSinceMs = now();
  let rowCount = 0;

  /** False: it was heard before, or may have been. */
  function isFirst(event: SignalEvent): boolean {
    const key = `${event.project_id}/${event.event_id}`;
    if (heardAt.has(key)) return false;
    const first = Date.parse(event.occurred_at) > rememberedSinceMs;
    heardAt.set(key, now());
    for (const [oldest, atMs] of heardAt) {
      if (heardAt.size <= maxIds) break;
      heardAt.delete(oldest);
      rememberedSinceMs = Math.max(rememberedSinceMs, atMs);
    }
    return first;
  }

  function take(event: SignalEvent): void {
    if (!isFirst(event) || event.occurred_at > event.received_at) return;
    const project = projects.get(event.project_id);
    // Before the first reading there is nothing to add to, and it will hold the event.
    if (project === undefined || Date.parse(event.occurred_at) <= project.readAtMs) return;
    for (const counted of countItemHours([event])) {
      const key = `${counted.hour}/${counted.event_class}/${counted.item_id}`;
      const row = project.rows.get(key);
      if (row !== undefined) row.count += counted.count;
      else if (rowCount < maxRows) {
        project.rows.set(key, counted);
        rowCount += 1;
      } else continue;
      project.changes += 1;
    }
  }

  function hear(subject: typeof subjects.tipFeedback) {
    return bus.hear(subject.name, ({ body }: Delivery) => {
      const read = readPayload(subject, body);
      if (read.ok) take(read.payload);
      else logger.warn({ subject: subject.name, code: read.code, detail: read.detail }, "ignored");
    });
  }

  return {
    async start() {
      // What passed while the bus was away was not heard, so it may be repeated unnoticed.
      const stop = bus.onReconnect(() => {
        rememberedSinceMs = now();
      });
      subscriptions.push({ close: async () => stop() });
      for (const subject of [subjects.tipFeedback, subjects.contentViewed]) {
        subscriptions.push(await hear(subject));
      }
      rememberedSinceMs = now();
    },
    async close() {
      for (const subscription of subscriptions.splice(0)) await subscription.close();
    },
    rows: (projectId) =>
      [...(projects.get(projectId)?.rows.values() ?? [])].map((row) => ({ ...row })),
    changes: (projectId) => projects.get(projectId)?.changes ?? 0,
    replaced(projectId) {
      rowCount -= projects.get(projectId)?.rows.size ?? 0;
      projects.set(projectId, { readAtMs: now(), changes: 0, rows: new Map() });
    },
  };
}
