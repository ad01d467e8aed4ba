import type { Endpoint } from "@signalpath/contracts";
import type { Clock, NewId, Probe } from "@signalpath/ports";

import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import type { Tracing } from "./tracing.ts";

/** What every app is handed beside its ports. */
export interface Kit {
  logger: Logger;
  metrics: Metrics;
  now: Clock;
  newId: NewId;
  /** Absent: trace ids travel on and nothing is recorded. */
  tracing?: Tracing;
}

/**
 * One deployable. `createX(deps)` answers this and has touched nothing yet; `start` opens its
 * subscriptions and first loads; `close` finishes what is in flight and closes what it opened.
 */
export interface App {
  name: string;
  /** `env` carries Node's incoming and outgoing when a socket is behind the request. */
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
  endpoints: readonly Endpoint[];
  probes: readonly Probe[];
  start(): Promise<void>;
  /**
   * Takes nothing more from the bus and gives back what it cannot finish soon. Called when the
   * process is asked to end, while requests are still answered; `close` comes later.
   */
  quiesce?(): Promise<void>;
  close(): Promise<void>;
}
