import {
  FRESHNESS_BOUNDS_MS,
  topics,
  type LiveGap,
  type LiveSecond,
  type Topic,
  type UpdatesTold,
  type VerdictCounts,
  type VerdictsTold,
} from "@signalpath/contracts";
import type { Bus, Subscription } from "@signalpath/ports";
import type { Kit } from "@signalpath/service-kit";

import { createDirectory, type Directory } from "./directory.ts";
import { createRing, type Ring } from "./ring.ts";

/** Events kept a project, for who comes back and for who reads slowly. */
const RING = 2_000;
/** A project's events are kept this long behind its last watcher, milliseconds. */
const LINGER_MS = 60_000;
/** Projects kept without a watcher. */
const MAX_IDLE = 20;
const SECOND_MS = 1_000;
/** Processes whose messages are counted. */
const MAX_SOURCES = 1_000;

/** Collects what services tell, by project, for as long as somebody watches. */
export interface Hub {
  directory: Directory;
  /** A project's events; `leave` when its watcher is gone. */
  watch(projectId: number): { ring: Ring; leave(): void };
  start(): Promise<void>;
  close(): Promise<void>;
}

interface Watched {
  ring: Ring;
  watchers: number;
  leftAt: number;
  totals: VerdictCounts;
  told: number;
  freshness: number[];
}

const NONE: VerdictCounts = { accepted: 0, duplicate: 0, ignored: 0, expired: 0, dead_lettered: 0 };
const noFreshness = () => Array.from({ length: FRESHNESS_BOUNDS_MS.length + 1 }, () => 0);

export function createHub(deps: { bus: Pick<Bus, "hear">; kit: Kit }): Hub {
  const { bus, kit } = deps;
  const { now, logger } = kit;
  const directory = createDirectory(now);
  const projects = new Map<number, Watched>();
  const sources = new Map<string, number>();
  const subscriptions: Subscription[] = [];
  let timer: ReturnType<typeof setInterval> | undefined;

  function pushAll(gap: LiveGap): void {
    for (const { ring } of projects.values()) ring.push("gap", gap);
  }

  /** A hole in a process's numbering is a message that never came: said to all, counted by none. */
  function follow(instance: string, sequence: number): void {
    const before = sources.get(instance);
    if (before === undefined && sources.size >= MAX_SOURCES) {
      const oldest = sources.keys().next().value;
      if (oldest !== undefined) sources.delete(oldest);
    }
    sources.set(instance, sequence);
    if (before !== undefined && sequence > before + 1) pushAll({ reason: "bus", missed: null });
  }

  function takeVerdicts(told: VerdictsTold): void {
    follow(told.instance, told.sequence);
    for (const { project_id, totals, verdicts } of told.projects) {
      const watched = projects.get(project_id);
      if (watched === undefined) continue;
      for (const name of Object.keys(NONE) as (keyof VerdictCounts)[]) {
        watched.totals[name] += totals[name];
      }
      watched.told += verdicts.length;
      for (const verdict of verdicts) watched.ring.push("verdict", verdict);
    }
  }

  function takeUpdates(told: UpdatesTold): void {
    directory.lagHeard(told.lag);
    for (const { project_id, counts } of told.freshness) {
      const watched = projects.get(project_id);
      if (watched === undefined) continue;
      watched.freshness = watched.freshness.map((count, at) => count + (counts[at] ?? 0));
    }
  }

  function tick(): void {
    const at = new Date(now()).toISOString();
    const lag = [...directory.lag()];
    const degraded = directory.degraded();
    for (const [projectId, watched] of projects) {
      if (watched.watchers === 0 && now() - watched.leftAt > LINGER_MS) projects.delete(projectId);
      const { totals, told, freshness } = watched;
      const histogram = { bounds_ms: [...FRESHNESS_BOUNDS_MS], counts: freshness };
      const second: LiveSecond = { at, totals, told, freshness: histogram, lag, degraded };
      watched.ring.push("second", second);
      Object.assign(watched, { totals: { ...NONE }, told: 0, freshness: noFreshness() });
    }
  }

  function makeRoom(): void {
    const idle = [...projects].filter(([, { watchers }]) => watchers === 0);
    for (const [projectId] of idle.slice(0, Math.max(0, idle.length - MAX_IDLE + 1))) {
      projects.delete(projectId);
    }
  }

  async function hear<T>(topic: Topic<T>, take: (told: T) => void): Promise<void> {
    const subscription = await bus.hear(topic.name, ({ body }) => {
      const read = topic.schema.safeParse(parsed(body));
      if (read.success) take(read.data);
      else
        logger.warn({ topic: topic.name, err: read.error }, "an unreadable message was left out");
    });
    subscriptions.push(subscription);
  }

  return {
    directory,
    watch(projectId) {
      let watched = projects.get(projectId);
      if (watched === undefined) {
        makeRoom();
        const sums = { totals: { ...NONE }, told: 0, freshness: noFreshness() };
        const ring = createRing(
          RING,
          kit
            .newId()
            .replaceAll(/[^A-Za-z0-9]/g, "")
            .slice(0, 12),
        );
        watched = { ring, watchers: 0, leftAt: 0, ...sums };
        projects.set(projectId, watched);
      }
      const mine = watched;
      mine.watchers++;
      return {
        ring: mine.ring,
        leave() {
          mine.watchers--;
          mine.leftAt = now();
        },
      };
    },
    async start() {
      await hear(topics.verdicts, takeVerdicts);
      await hear(topics.updates, takeUpdates);
      await hear(topics.services, (told) => directory.heard(told));
      timer = setInterval(tick, SECOND_MS);
      timer.unref();
    },
    async close() {
      clearInterval(timer);
      for (const one of subscriptions.splice(0)) await one.close();
    },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // No shape takes undefined: it is reported as unreadable.
  }
}
