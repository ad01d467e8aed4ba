import { z } from "zod";

import { VERDICTS } from "../http/ingest.ts";
import { canonicalTime } from "./envelope.ts";

/**
 * What travels on the bus without being stored: whoever does not listen at that moment misses it,
 * and nobody waits for it. No stream may cover a topic's name.
 */
export interface Topic<T = unknown> {
  name: string;
  schema: z.ZodType<T>;
  /** One line: what a message of this topic says. */
  about: string;
  publishedBy: readonly string[];
  heardBy: readonly string[];
}

function topic<S extends z.ZodType>(
  name: string,
  schema: S,
  facts: Omit<Topic, "name" | "schema">,
): Topic<z.output<S>> {
  return { name, schema: schema as z.ZodType<z.output<S>>, ...facts };
}

const count = z.int().nonnegative();
const projectId = z.int().positive();
/** Rises by 1 a message of one process: a hole is a message that was lost on its way. */
const told = { instance: z.string(), sequence: z.int().positive() };

export const verdictCounts = z.object({
  accepted: count,
  duplicate: count,
  ignored: count,
  expired: count,
  dead_lettered: count,
});
export type VerdictCounts = z.output<typeof verdictCounts>;

/** One judged item as it may be shown: the person by the hash that stores know them by. */
export const verdictFact = z.object({
  verdict: z.enum(VERDICTS),
  code: z.string().optional(),
  subject: z.string().optional(),
  user: z.string().optional().describe("User key: 22 characters of a hash, never the id"),
  item_id: z.string().optional(),
  is_bot: z.literal(true).optional(),
  received_at: canonicalTime,
  age_ms: count.optional().describe("From the time of the event until it was received"),
});
export type VerdictFact = z.output<typeof verdictFact>;

const verdictsTold = z.object({
  ...told,
  projects: z.array(
    z.object({
      project_id: projectId,
      totals: verdictCounts.describe("Exact, also where `verdicts` are a sample"),
      verdicts: z.array(verdictFact),
    }),
  ),
});
export type VerdictsTold = z.output<typeof verdictsTold>;

/** Upper bounds of the freshness histogram, milliseconds; one more count is above the last. */
export const FRESHNESS_BOUNDS_MS = [
  50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 60_000,
] as const;

export const consumerLag = z.object({
  consumer: z.string(),
  pending: count.describe("Not yet delivered"),
  ack_pending: count.describe("Delivered, not acknowledged"),
  oldest_age_seconds: z.number().nonnegative(),
});
export type ConsumerLagFact = z.output<typeof consumerLag>;

const updatesTold = z.object({
  ...told,
  freshness: z.array(
    z.object({
      project_id: projectId,
      counts: z.array(count).length(FRESHNESS_BOUNDS_MS.length + 1),
    }),
  ),
  lag: z.array(consumerLag),
});
export type UpdatesTold = z.output<typeof updatesTold>;

export const serviceState = z.enum(["starting", "running", "draining"]);
const serviceTold = z.object({
  instance: z.string(),
  service: z.string(),
  version: z.string(),
  state: serviceState,
  started_at: canonicalTime,
  dependencies: z.record(z.string(), z.string()).describe("`up`, or what is wrong"),
});
export type ServiceTold = z.output<typeof serviceTold>;

const modelsTold = z.object({
  instance: z.string(),
  models: z
    .array(z.object({ model_id: count, project_id: projectId, version: count, sha256: z.string() }))
    .max(1_000),
});
export type ModelsTold = z.output<typeof modelsTold>;

/** Every topic. A name is spelled here and nowhere else. */
export const topics = {
  verdicts: topic("live.verdicts", verdictsTold, {
    about: "What ingest decided since its last message: exact counts, and a sample of the items",
    publishedBy: ["ingest-webhook"],
    heardBy: ["management-api"],
  }),
  updates: topic("live.updates", updatesTold, {
    about: "How fresh models were that the updater saved, and how far consumers are behind",
    publishedBy: ["user-model-updater"],
    heardBy: ["management-api"],
  }),
  services: topic("live.services", serviceTold, {
    about: "A process is there, in this version, and what it stands on answers or does not",
    publishedBy: ["every app"],
    heardBy: ["management-api"],
  }),
  models: topic("live.models", modelsTold, {
    about: "Which versions of which models a gateway holds in memory",
    publishedBy: ["inference-gateway"],
    heardBy: ["management-api"],
  }),
} as const;
