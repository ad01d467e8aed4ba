import { setTimeout as sleep } from "node:timers/promises";

import type { UserKey } from "@signalpath/domain";
import type { FeatureEvaluator, ServedFeature } from "@signalpath/feature-registry";
import type { Archive, StoredFeatures, UserModelStore } from "@signalpath/ports";
import type { HeaderValues, Metrics } from "@signalpath/service-kit";

import { createKnownKey } from "./known-key.ts";
import { MAX_MOVES, personKeys } from "./person-keys.ts";
import type { RefreshRequests } from "./refresh-requests.ts";

/** Features of a known person that were lost are waited for this long, milliseconds. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 25;
/** Bounds of a value's age, seconds. */
const AGE_BUCKETS = [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800];

export interface ReadFeaturesDeps {
  evaluator: FeatureEvaluator;
  archive?: Pick<Archive, "resolve" | "eventsOf"> | undefined;
  /** Tells a user without features from a name that is only a device's. */
  models: Pick<UserModelStore, "get">;
  refreshes: RefreshRequests;
  metrics: Pick<Metrics, "counter" | "histogram">;
}

/** Stored features and whose they are. */
export interface FoundFeatures {
  owner: UserKey;
  stored: StoredFeatures;
}

export interface ReadFeatures {
  /**
   * The features behind a `user_id`: a user's, else an anonymous visitor's, links followed. Those
   * of a known person of whom nothing is stored are asked for and waited for. What was never
   * computed, or is past its time to live, is answered as it is and asked for behind the answer.
   * @throws UnavailableError.
   */
  byName(projectId: number, userId: string, traceHeaders?: HeaderValues): Promise<FoundFeatures>;
  /** The same without waiting, for a person whose key is known. @throws UnavailableError. */
  byOwner(projectId: number, userId: string, owner: UserKey): Promise<FoundFeatures>;
  /** Counts what was served, by feature. */
  count(served: ReadonlyMap<string, ServedFeature>, nowMs: number): void;
}

const NONE: StoredFeatures = new Map();

export function createReadFeatures(deps: ReadFeaturesDeps): ReadFeatures {
  const { evaluator, refreshes } = deps;
  const knownKey = createKnownKey(deps.archive);
  const reads = deps.metrics.counter(
    "feature_reads_total",
    "Profile features served, by what they were: fresh, stale, fallback",
    ["feature", "result"],
  );
  const ages = deps.metrics.histogram(
    "feature_age_seconds",
    "Age of profile features when they were served",
    ["feature"],
    AGE_BUCKETS,
  );

  async function follow(asked: UserKey): Promise<FoundFeatures> {
    let owner = asked;
    for (let moves = 0; moves <= MAX_MOVES; moves++) {
      const answer = await evaluator.get(owner);
      if (answer.status === "ok") return { owner, stored: answer.features };
      owner = answer.to;
    }
    return { owner, stored: NONE };
  }

  async function find(projectId: number, userId: string): Promise<FoundFeatures | undefined> {
    const [user, device] = personKeys(projectId, userId);
    const own = await follow(user);
    if (own.stored.size > 0) return own;
    const visitor = await follow(device);
    if (visitor.stored.size === 0) return undefined;
    // A user of whom no feature was computed yet is not the device that happens to share the name.
    return (await deps.models.get(own.owner)).status === "ok" ? undefined : visitor;
  }

  async function wait(projectId: number, userId: string): Promise<FoundFeatures | undefined> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      await sleep(PAUSE_MS);
      const found = await find(projectId, userId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function askForDue(
    projectId: number,
    userId: string,
    { owner, stored }: FoundFeatures,
    traceHeaders?: HeaderValues,
  ): void {
    const due = evaluator.due(stored);
    if (due.length === 0) return;
    const reason = due.some(({ name }) => stored.has(name)) ? "stale" : "missing";
    refreshes.request(owner, { project_id: projectId, user_id: userId, reason }, traceHeaders);
  }

  return {
    async byName(projectId, userId, traceHeaders) {
      const found = await find(projectId, userId);
      if (found !== undefined) {
        askForDue(projectId, userId, found, traceHeaders);
        return found;
      }
      const known = await knownKey(projectId, userId);
      if (known === undefined) return { owner: personKeys(projectId, userId)[0], stored: NONE };
      const wish = { project_id: projectId, user_id: userId, reason: "missing" } as const;
      refreshes.request(known, wish, traceHeaders);
      return (await wait(projectId, userId)) ?? { owner: known, stored: NONE };
    },
    async byOwner(projectId, userId, owner) {
      const found = await follow(owner);
      askForDue(projectId, userId, found);
      return found;
    },
    count(served, nowMs) {
      for (const [feature, { source, stale, computedAtMs }] of served) {
        const result = source === "fallback" ? "fallback" : stale ? "stale" : "fresh";
        reads.inc({ feature, result });
        if (computedAtMs === null) continue;
        ages.observe({ feature }, Math.max(0, nowMs - computedAtMs) / 1_000);
      }
    },
  };
}
