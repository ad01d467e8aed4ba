import type { FeatureStats } from "@signalpath/contracts";
import type { UserKey, UserSignals } from "@signalpath/domain";
import type { FeatureEvaluator, ServedFeature } from "@signalpath/feature-registry";
import type { ArchiveReader, UserModelStore } from "@signalpath/ports";
import { sha256, type Kit } from "@signalpath/service-kit";

/** People read at one time. */
const AT_ONCE = 16;
const BINS = 10;
/** As long as a key of a person. */
const KEY_LENGTH = 22;

export interface FeatureStatsDeps {
  evaluator: FeatureEvaluator;
  models: Pick<UserModelStore, "get">;
  /** Names the people; absent = nobody can be sampled. */
  reader: Pick<ArchiveReader, "owners"> | undefined;
  now: Kit["now"];
}

/**
 * Fallbacks, ages and spread of every feature over a bounded sample of people. People are stored in
 * the order of hashed ids, so those behind a place that the seed names are a fair sample.
 */
export function createFeatureStats({ evaluator, models, reader, now }: FeatureStatsDeps) {
  const { features } = evaluator.registry;
  const readsModel = features.some(({ freshness }) => freshness === "jit");

  async function sample(projectId: number, wanted: number, seed: number): Promise<UserKey[]> {
    if (reader === undefined) return [];
    const place = sha256(`features ${seed}`).slice(0, KEY_LENGTH);
    const behind = await reader.owners({
      projectId,
      cursor: `${projectId}:${place}`,
      limit: wanted,
    });
    const keys = behind.owners.map(({ owner }) => owner);
    if (keys.length === wanted) return keys;
    // The order ends here: it goes on at its beginning.
    const first = await reader.owners({ projectId, limit: wanted });
    const more = first.owners.map(({ owner }) => owner);
    return [...new Set([...keys, ...more])].slice(0, wanted);
  }

  async function servedTo(owner: UserKey): Promise<ReadonlyMap<string, ServedFeature>> {
    const answer = await evaluator.get(owner);
    const stored = answer.status === "ok" ? answer.features : new Map<string, never>();
    let model: UserSignals | undefined;
    if (readsModel) {
      const found = await models.get(owner);
      model = found.status === "ok" ? found.model : undefined;
    }
    return evaluator.serve(stored, model);
  }

  /** @throws UnavailableError. */
  return async (
    projectId: number,
    query: { sample: number; seed: number },
  ): Promise<FeatureStats> => {
    const people = await sample(projectId, query.sample, query.seed);
    const values: ReadonlyMap<string, ServedFeature>[] = [];
    for (let at = 0; at < people.length; at += AT_ONCE) {
      values.push(...(await Promise.all(people.slice(at, at + AT_ONCE).map(servedTo))));
    }
    const nowMs = now();
    return {
      at: new Date(nowMs).toISOString(),
      people: people.length,
      features: features.map(({ name }) => ({
        name,
        ...statsOf(
          values.flatMap((one) => one.get(name) ?? []),
          nowMs,
        ),
      })),
    };
  };
}

function statsOf(served: readonly ServedFeature[], nowMs: number) {
  const own = served.filter(({ source }) => source !== "fallback");
  const share = (count: number) => (served.length === 0 ? null : count / served.length);
  const ages = own
    .flatMap(({ computedAtMs }) =>
      computedAtMs === null ? [] : [Math.max(0, nowMs - computedAtMs)],
    )
    .sort((a, b) => a - b);
  const normalized = Array.from({ length: BINS }, () => 0);
  for (const { normalized: value } of own) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(value * BINS)));
    normalized[bin] = (normalized[bin] ?? 0) + 1;
  }
  return {
    computed: own.length,
    fallback_share: share(served.length - own.length),
    stale_share: share(own.filter(({ stale }) => stale).length),
    age_ms: { p50: quantile(ages, 0.5), p90: quantile(ages, 0.9) },
    normalized,
  };
}

/** Nearest rank; null of nothing. */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
