import type { exposuresBody, exposuresResponse } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import type { ExposureEvent } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";
import type { z } from "zod";

import type { Call, Context } from "./context.ts";
import { recordRows } from "./record-rows.ts";
import { occurredAt } from "./times.ts";

type Given = z.output<typeof exposuresBody>["exposures"];

/** Joins exposures to the rows of an experiment. @throws KeyReusedError; UnavailableError. */
export async function recordExposures(
  ctx: Context,
  call: Call,
  experimentId: string,
  given: Given,
): Promise<z.output<typeof exposuresResponse>> {
  const { events, sums } = ctx;
  const nowMs = ctx.kit.now();
  const rows = given.map((one): ExposureEvent => {
    const { user_id: unit, variation_index } = one;
    const at = occurredAt(one.occurred_at, nowMs);
    return {
      experiment_id: experimentId,
      unit,
      variation_index,
      occurred_at: at,
      is_bot: one.is_bot === true,
      event_id: `x_${sha256(JSON.stringify([experimentId, unit, variation_index, at]))}`,
    };
  });
  const done = await recordRows(ctx, call, {
    kind: "exposure",
    write: () => events.recordExposures(call.projectId, rows, call.once),
    signals: rows.map((row) => signalOf(call.projectId, row, nowMs)),
  });
  sums.changed(experimentId);
  const erased = done.erased.length;
  return {
    received: rows.length,
    recorded: done.recorded,
    deduplicated: rows.length - done.recorded - erased,
    flipped: done.flipped,
    ...(erased === 0 ? {} : { erased }),
  };
}

function signalOf(projectId: number, row: ExposureEvent, nowMs: number): SignalEvent {
  return {
    event_id: row.event_id,
    project_id: projectId,
    user_id: row.unit,
    kind: "exposed",
    occurred_at: row.occurred_at,
    received_at: new Date(nowMs).toISOString(),
    source: "experiments",
    experiment_id: row.experiment_id,
    variation_index: row.variation_index,
    ...(row.is_bot === true ? { is_bot: true } : {}),
  };
}
