import { z } from "zod";

import {
  consumerLag,
  FRESHNESS_BOUNDS_MS,
  serviceState,
  verdictCounts,
  verdictFact,
} from "../bus/topics.ts";

const count = z.int().nonnegative();

/** First event of a stream. */
export const liveHello = z.object({
  project_id: z.int(),
  resumed: z.boolean().describe("Goes on behind the given Last-Event-ID, nothing is missing"),
});
export type LiveHello = z.output<typeof liveHello>;

/** One judged item. */
export const liveVerdict = verdictFact.meta({ id: "LiveVerdict" });

/** Once a second, also when nothing happened: then it is the heartbeat. */
export const liveSecond = z
  .object({
    at: z.string(),
    totals: verdictCounts.describe("Exact, also where the verdicts are a sample"),
    told: count.describe("Verdicts of this second that travelled as events"),
    freshness: z.object({
      bounds_ms: z.array(z.number()).describe(`Upper bounds: ${FRESHNESS_BOUNDS_MS.join(", ")}`),
      counts: z.array(count).describe("From ingest to a saved model; one more is above the last"),
    }),
    lag: z.array(consumerLag),
    degraded: z.array(z.string()).describe("`service: dependency`, or a service that fell silent"),
  })
  .meta({ id: "LiveSecond" });
export type LiveSecond = z.output<typeof liveSecond>;

/** Something is missing before the next event. */
export const liveGap = z.object({
  reason: z
    .enum(["too_old", "unknown_id", "slow", "bus"])
    .describe(
      "too_old: more happened than is kept; unknown_id: of another instance, or long ago; " +
        "slow: this client reads too slowly; bus: a message of a service was lost",
    ),
  missed: count.nullable().describe("Verdict events left out, null = not known"),
});
export type LiveGap = z.output<typeof liveGap>;

/** The last event: why the server closes. */
export const liveEnd = z.object({
  reason: z.enum(["draining", "key"]).describe("draining: connect again, another instance answers"),
  code: z.string(),
});
export type LiveEnd = z.output<typeof liveEnd>;

/** Names of the events (`event:` of server-sent events) and the shape of their `data:`. */
export const LIVE_EVENTS = {
  hello: liveHello,
  verdict: liveVerdict,
  second: liveSecond,
  gap: liveGap,
  end: liveEnd,
} as const;
export type LiveEventName = keyof typeof LIVE_EVENTS;

/** Documentation: one event of the stream. */
export const liveEvent = z
  .union([liveHello, liveVerdict, liveSecond, liveGap, liveEnd])
  .describe("`data:` of one event; `event:` is hello, verdict, second, gap or end");

const instance = z.object({
  instance: z.string(),
  version: z.string(),
  state: serviceState,
  started_at: z.string(),
  heard_at: z.string(),
});

/** What is known of the running system; `services` are those heard within the last 15 s. */
export const systemAnswer = z
  .object({
    at: z.string(),
    version: z.string().describe("Of the instance that answers"),
    services: z.array(
      z.object({
        service: z.string(),
        status: z.enum(["up", "degraded", "silent"]),
        instances: z.array(instance),
        dependencies: z.record(z.string(), z.string()).describe("`up`, or what is wrong"),
      }),
    ),
    lag: z.array(consumerLag),
    live: z.object({ clients: count, limit: count }),
  })
  .meta({ id: "System" });
export type SystemAnswer = z.output<typeof systemAnswer>;
