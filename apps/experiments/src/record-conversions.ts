import type { conversionsBody, conversionsResponse } from "@signalpath/contracts";
import { REACTIONS, type Reaction, type SignalEvent } from "@signalpath/domain";
import type { ConversionEvent } from "@signalpath/ports";
import type { z } from "zod";

import type { Call, Context } from "./context.ts";
import { conversionKey, IMPRESSION_METRIC, ownEventId } from "./row-keys.ts";
import { recordRows } from "./record-rows.ts";
import { occurredAt } from "./times.ts";

type Given = z.output<typeof conversionsBody>["conversions"];

/**
 * Joins conversions to the rows of an experiment: of one idempotency key the earliest stands, without
 * a key each counts. @throws KeyReusedError; UnavailableError.
 */
export async function recordConversions(
  ctx: Context,
  call: Call,
  experimentId: string,
  given: Given,
): Promise<z.output<typeof conversionsResponse>> {
  const { events, sums, kit } = ctx;
  const nowMs = kit.now();
  const rows = given.map((one, place): ConversionEvent => {
    const key = one.idempotency_key ?? undefined;
    const eventId = key ?? ownEventId(call, place, kit.newId);
    return {
      experiment_id: experimentId,
      unit: one.user_id,
      metric: one.metric,
      value: one.value,
      occurred_at: occurredAt(one.occurred_at, nowMs),
      is_bot: one.is_bot === true,
      dedup_key: conversionKey(eventId),
      keyed: key !== undefined,
      event_id: eventId,
    };
  });
  const done = await recordRows(ctx, call, {
    kind: "conversion",
    write: () => events.recordConversions(call.projectId, rows, call.once),
    signals: rows.map((row) => signalOf(call.projectId, row, nowMs)),
  });
  sums.changed(experimentId);
  const erased = done.erased.length;
  return {
    received: rows.length,
    recorded: done.recorded,
    deduplicated: rows.length - done.recorded - erased,
    ...(erased === 0 ? {} : { erased }),
  };
}

const isReaction = (metric: string): metric is Reaction =>
  REACTIONS.some((reaction) => reaction === metric);

/** Metrics that are named as a reaction or an impression have a signal; others are ours alone. */
function signalOf(projectId: number, row: ConversionEvent, nowMs: number): SignalEvent | undefined {
  const { metric } = row;
  const common = {
    event_id: row.event_id,
    project_id: projectId,
    user_id: row.unit,
    occurred_at: row.occurred_at,
    received_at: new Date(nowMs).toISOString(),
    source: "experiments",
    experiment_id: row.experiment_id,
    value: row.value,
    ...(row.is_bot ? { is_bot: true } : {}),
  };
  if (metric === IMPRESSION_METRIC) return { ...common, kind: "served" };
  return isReaction(metric) ? { ...common, kind: "feedback", reaction: metric } : undefined;
}
