import type {
  DayTotals,
  Experiment,
  ExperimentEvents,
  MetricSpec,
  Totals,
} from "@signalpath/ports";
import type { Kit } from "@signalpath/service-kit";
import { LRUCache } from "lru-cache";

import type { Meters } from "./meters.ts";

/** Sums are read again after this time, milliseconds. */
const LIFE_MS = 30_000;
/** A reading this quick is thrown away when this process writes to the experiment, milliseconds. */
const CHEAP_MS = 250;
const HOUR_MS = 3_600_000;

/** What the rows of an experiment add up to, and when they were read. */
export interface ReadSums {
  computed_at: string;
  totals: Totals;
  /** Of the metric asked for; empty when the experiment has none. */
  days: DayTotals[];
}

interface Entry {
  sums: Promise<ReadSums>;
  experimentId: string;
  /** Undefined while it is read. */
  tookMs: number | undefined;
}

/** Sums, kept for 30 s: people who look at one page at one time cause one reading. */
export interface Sums {
  read(
    experiment: Experiment,
    options: { primary: number; at: string | undefined; include_bots: boolean },
  ): Promise<ReadSums>;
  /** This process wrote to the experiment. */
  changed(experimentId: string): void;
}

export function createSums(
  events: Pick<ExperimentEvents, "totals" | "days">,
  { now }: Pick<Kit, "now">,
  meters: Pick<Meters, "readings">,
): Sums {
  const kept = new LRUCache<string, Entry>({ max: 500, ttl: LIFE_MS });
  return {
    read(experiment, options) {
      const { id, updated_at } = experiment;
      const key = JSON.stringify([
        id,
        updated_at,
        options.primary,
        options.at,
        options.include_bots,
      ]);
      const known = kept.get(key);
      if (known !== undefined) return known.sums;
      const began = performance.now();
      const entry: Entry = {
        experimentId: id,
        tookMs: undefined,
        sums: readSums(events, experiment, options, new Date(now()).toISOString()),
      };
      kept.set(key, entry);
      entry.sums.then(
        () => {
          entry.tookMs = performance.now() - began;
          meters.readings.observe({}, entry.tookMs / 1_000);
        },
        () => kept.delete(key),
      );
      return entry.sums;
    },
    changed(experimentId) {
      for (const [key, entry] of kept.entries()) {
        if (entry.experimentId !== experimentId) continue;
        if (entry.tookMs !== undefined && entry.tookMs < CHEAP_MS) kept.delete(key);
      }
    },
  };
}

async function readSums(
  events: Pick<ExperimentEvents, "totals" | "days">,
  experiment: Experiment,
  { primary, at, include_bots }: { primary: number; at: string | undefined; include_bots: boolean },
  computed_at: string,
): Promise<ReadSums> {
  const experiment_id = experiment.id;
  const metrics = specsOf(experiment);
  const metric = metrics[primary];
  const [totals, days] = await Promise.all([
    events.totals({ experiment_id, metrics, at }),
    metric === undefined ? [] : events.days({ experiment_id, metric, at, include_bots }),
  ]);
  return { computed_at, totals, days };
}

/** What the metrics of an experiment ask of its rows. */
function specsOf({ metrics, conversion_window_hours }: Experiment): MetricSpec[] {
  return metrics.map((metric) => ({
    kind: metric.kind,
    numerator: metric.numerator ?? metric.name,
    denominator: metric.denominator ?? null,
    window_ms: (metric.window_hours ?? conversion_window_hours) * HOUR_MS,
    pre_ms: metric.pre_exposure_hours === undefined ? null : metric.pre_exposure_hours * HOUR_MS,
  }));
}
