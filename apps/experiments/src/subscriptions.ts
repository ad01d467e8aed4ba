import { subjects } from "@signalpath/contracts";
import type { Bus, Subscription } from "@signalpath/ports";
import { traceBatch } from "@signalpath/service-kit";

import type { Context } from "./context.ts";
import { takeDecisions } from "./learning/take-decisions.ts";
import { takeBatch } from "./take-batch.ts";

/** Every tip signal: one filter a consumer. */
const ALL_TIPS = `${subjects.tipServed.name.split(".").slice(0, 2).join(".")}.*`;
const MAX_BATCH = 500;
/** What a replica held when it was killed goes to another one after this time, milliseconds. */
const ACK_WAIT_MS = 10_000;
/** So often a message is delivered before the bus abandons it: hours of a store that refuses work. */
const MAX_DELIVERIES = 10_000;

/** Durable consumers, shared by all replicas. */
const DURABLES = [
  { durable: "experiments-tips", filter: ALL_TIPS },
  { durable: "experiments-exposed", filter: subjects.experimentExposed.name },
  { durable: "experiments-decisions", filter: subjects.recommendationMade.name },
] as const;

/** Bus edge: events that name an experiment or a slot become rows, acknowledged after the commit. */
export async function subscribe(ctx: Context, bus: Pick<Bus, "consume">): Promise<Subscription[]> {
  const opened: Subscription[] = [];
  for (const spec of DURABLES) {
    const bounded = {
      ...spec,
      maxBatch: MAX_BATCH,
      ackWaitMs: ACK_WAIT_MS,
      maxDeliveries: MAX_DELIVERIES,
    };
    const subscription = await bus.consume(bounded, async (batch) => {
      const { trace, logFields } = traceBatch(ctx.tracing, spec, batch);
      try {
        const isOfLists = spec.filter === subjects.recommendationMade.name;
        await (isOfLists ? takeDecisions(ctx, batch) : takeBatch(ctx, batch));
        trace.end();
        const line = { ...logFields, consumer: spec.durable, events: batch.length };
        ctx.kit.logger.debug(line, "batch");
      } catch (error) {
        trace.end(error);
        ctx.kit.logger.warn({ ...logFields, err: error, consumer: spec.durable }, "a batch waits");
        throw error;
      }
    });
    opened.push(subscription);
  }
  return opened;
}
