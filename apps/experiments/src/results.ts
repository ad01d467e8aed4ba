import { ServiceError, type resultsQuery, type resultsResponse } from "@signalpath/contracts";
import { DEFAULT_CALCULATION, readResults, readTimeseries } from "@signalpath/domain";
import type { Experiment } from "@signalpath/ports";
import { distributions } from "@signalpath/statistics";
import type { z } from "zod";

import type { Context } from "./context.ts";

/**
 * Results of an experiment from its rows: health first, every metric in three readings, one metric
 * (the one asked for, else the first goal) day by day.
 * @throws ServiceError VALIDATION_FAILED for a metric it does not have; UnavailableError.
 */
export async function resultsOf(
  { sums }: Pick<Context, "sums">,
  experiment: Experiment,
  query: z.output<typeof resultsQuery>,
): Promise<z.output<typeof resultsResponse>> {
  const { variations, metrics, conversion_window_hours: hours } = experiment;
  const primary = primaryOf(experiment, query.metric);
  const at = query.at === undefined ? undefined : new Date(query.at).toISOString();
  const { relative, correction, include_bots } = query;
  const options = {
    alpha: query.alpha ?? DEFAULT_CALCULATION.alpha,
    relative,
    correction,
    include_bots,
  };
  const { totals, days, computed_at } = await sums.read(experiment, { primary, at, include_bots });
  const read = metrics.map(({ name, kind, direction, guardrail, window_hours }) => {
    return { name, kind, direction, guardrail, window_hours: window_hours ?? hours };
  });
  const results = readResults(
    {
      variations,
      metrics: read,
      arms: totals.arms,
      flipped: totals.flipped,
      withoutKey: totals.without_key,
      options,
    },
    distributions,
  );
  const metric = read[primary];
  const { id, name, status, started_at, stopped_at } = experiment;
  return {
    experiment: { id, name, status, started_at, stopped_at },
    computed_at,
    options: {
      ...options,
      sequential_tuning: DEFAULT_CALCULATION.sequential_tuning,
      at: at ?? null,
    },
    health: results.health,
    metrics:
      query.metric === undefined
        ? results.metrics
        : results.metrics.filter((one) => one.name === query.metric),
    timeseries:
      metric === undefined
        ? []
        : readTimeseries({ variations, metric, days, options }, distributions),
  };
}

function primaryOf({ metrics }: Experiment, wanted: string | undefined): number {
  if (wanted === undefined) {
    const goal = metrics.findIndex((metric) => !metric.guardrail);
    return goal === -1 ? 0 : goal;
  }
  const place = metrics.findIndex((metric) => metric.name === wanted);
  if (place !== -1) return place;
  const message = "the experiment has no such metric";
  throw new ServiceError("VALIDATION_FAILED", message, { issues: [{ path: "metric", message }] });
}
