import { subjects, type RecommendationMade } from "@signalpath/contracts";
import { readPayload, RefusedError, type DecisionGiven, type Delivery } from "@signalpath/ports";

import type { Context } from "../context.ts";
import { putAside } from "../take-batch.ts";

interface Readable {
  delivery: Delivery;
  row: DecisionGiven;
}

/**
 * Lists of learners become rows, which outcomes are joined to. Acknowledged when they are committed;
 * one that no table takes stands alone, its neighbours pass.
 * @throws UnavailableError: the batch comes again.
 */
export async function takeDecisions(ctx: Context, batch: readonly Delivery[]): Promise<void> {
  const byProject = new Map<number, Readable[]>();
  for (const delivery of batch) {
    const read = readPayload(subjects.recommendationMade, delivery.body);
    if (!read.ok) {
      await putAside(ctx, delivery, read.code, read.detail);
      continue;
    }
    const own = byProject.get(read.payload.project_id) ?? [];
    byProject.set(read.payload.project_id, own);
    own.push({ delivery, row: rowOf(read.payload) });
  }
  for (const [projectId, rows] of byProject) await write(ctx, projectId, rows);
}

async function write(ctx: Context, projectId: number, batch: readonly Readable[]): Promise<void> {
  try {
    const rows = batch.map(({ row }) => row);
    const { observed } = await ctx.learning.recordDecisions(projectId, rows);
    ctx.meters.observed.inc({}, observed);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      await putAside(ctx, only.delivery, "STORE_REFUSED", error.message);
      return;
    }
    const middle = batch.length >> 1;
    await write(ctx, projectId, batch.slice(0, middle));
    await write(ctx, projectId, batch.slice(middle));
  }
}

function rowOf({ request_id, user_id, made_at, mode, items, slots }: RecommendationMade) {
  const ids = { request_id, unit: user_id, occurred_at: made_at, event_id: `made:${request_id}` };
  return { ...ids, mode, decision: { items, slots } };
}
