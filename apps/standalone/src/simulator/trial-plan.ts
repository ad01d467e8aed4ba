import type { ExperimentBody } from "@signalpath/contracts";

/** What a unit of the demo does, as far as an experiment counts it. */
export interface Conduct {
  metric: string;
  value: number;
}

/** Chance of a like, mean minutes of reading and chance of a dismissal of somebody who met a list. */
const BASE = { liked: 0.2, minutes_read: 4, dismissed: 0.1 };
/** What the planted variation adds, as a share of the base. */
const PLANTED: Partial<typeof BASE> = { liked: 0.35, minutes_read: 0.12 };

const half = { weight: 0.5 };
const common = {
  status: "running",
  conversion_window_hours: 72,
  metrics: [
    { name: "liked", kind: "binary" },
    { name: "minutes_read", kind: "mean" },
    { name: "dismissed", kind: "binary", direction: "decrease", guardrail: true },
  ],
} as const;

/**
 * The demo's experiments: one of two equal rankings, which must find nothing, and one whose second
 * variation people like more, by a lift that is known because it is planted. Each has its half of
 * all units, so that no unit meets both.
 */
export const TRIALS = {
  equal: {
    ...common,
    name: "Demo A/A: the same ranking twice",
    hash_seed: "demo-equal",
    namespace: { id: "demo", start: 0, end: 0.5 },
    variations: [
      { index: 0, name: "as it is", ...half, ranking: {} },
      { index: 1, name: "as it is again", ...half, ranking: {} },
    ],
  },
  planted: {
    ...common,
    name: "Demo A/B: closer to each reader's taste",
    hash_seed: "demo-planted",
    namespace: { id: "demo", start: 0.5, end: 1 },
    variations: [
      { index: 0, name: "as it is", ...half, ranking: {} },
      { index: 1, name: "closer to taste", ...half, ranking: { mmr_lambda: 0.85 } },
    ],
  },
} as const;

/** The rule by which a running experiment assigns. */
export function ruleOf({
  hash_seed,
  hash_version,
  coverage,
  namespace,
  variations,
}: Pick<ExperimentBody, "hash_seed" | "hash_version" | "coverage" | "namespace" | "variations">) {
  const weights = variations.map(({ weight }) => weight);
  return { hash_seed, hash_version, coverage, namespace, weights };
}

/**
 * What a unit does in a variation. Only metrics that the experiment has are answered; other
 * metrics than the demo's are met by one in five.
 */
export function conductOf(
  { name, metrics }: Pick<ExperimentBody, "name" | "metrics">,
  variationIndex: number,
  random: () => number,
): Conduct[] {
  const isPlanted = name === TRIALS.planted.name && variationIndex === 1;
  const rate = (metric: keyof typeof BASE) =>
    BASE[metric] * (isPlanted ? 1 + (PLANTED[metric] ?? 0) : 1);
  return metrics.flatMap(({ name: metric }): Conduct[] => {
    const draw = random();
    if (metric === "minutes_read") {
      // Exponential: many skim, a few read long.
      return [{ metric, value: -Math.log(1 - draw) * rate(metric) }];
    }
    const chance = metric === "liked" || metric === "dismissed" ? rate(metric) : BASE.liked;
    return draw < chance ? [{ metric, value: 1 }] : [];
  });
}
