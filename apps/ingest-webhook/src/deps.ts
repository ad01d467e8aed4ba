import type { Archive, Bus, DeadLetters, Probe, Projects } from "@signalpath/ports";
import type { Authenticator, Kit, Tracing } from "@signalpath/service-kit";

import type { EventMaps } from "./event-maps.ts";
import type { IngestMetrics } from "./ingest-metrics.ts";
import type { VerdictTeller } from "./tell-verdicts.ts";

/** Name of this app in dead letters, logs and metrics. */
export const APP = "ingest-webhook";

/** What the app stands on. Nothing here is closed by it. */
export interface IngestWebhookDeps {
  kit: Kit;
  version: string;
  bus: Pick<Bus, "publish" | "hear" | "tell" | "check">;
  archive: Pick<Archive, "known" | "check">;
  deadLetters: DeadLetters;
  projects: Pick<Projects, "eventMap" | "get">;
  authenticator: Authenticator;
  /** Asked by `/readyz`. */
  state: () => "starting" | "running" | "draining";
  /** Further dependencies that `/readyz` names. */
  probes?: readonly Probe[];
  limits?: Partial<IngestLimits>;
  /** Origins whose web pages may send events; default none. */
  corsOrigins?: readonly string[];
}

export interface IngestLimits {
  /** Requests worked on at one time. */
  maxInFlight: number;
  /** Of these, requests that are large or do not say how large they are. */
  maxLargeInFlight: number;
  /** Requests that wait for their turn; one more is told to come back. */
  maxWaiting: number;
  /** Pauses before the next attempts of a publish inside one request, milliseconds. */
  publishPausesMs: readonly number[];
  /** After this time in one request no publish is tried again, milliseconds. */
  retryForMs: number;
  /** The archive answers whether old events are known within this time, or they count as new. */
  lookUpMs: number;
}

export const DEFAULT_LIMITS: IngestLimits = {
  maxInFlight: 128,
  maxLargeInFlight: 4,
  maxWaiting: 512,
  publishPausesMs: [50, 250, 1_000],
  // RudderStack gives a request 10 s, and the last attempt takes its own time.
  retryForMs: 5_000,
  lookUpMs: 1_000,
};

/** What the verbs are handed: the deps, ready for use. */
export interface Work {
  kit: Kit;
  bus: Pick<Bus, "publish">;
  archive: Pick<Archive, "known">;
  deadLetters: DeadLetters;
  eventMaps: EventMaps;
  metrics: IngestMetrics;
  /** Told of every verdict. */
  live: Pick<VerdictTeller, "judged">;
  tracing: Tracing;
  limits: IngestLimits;
}
