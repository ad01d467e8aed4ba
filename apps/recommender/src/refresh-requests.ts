import { subjects, type UserRefreshRequested } from "@signalpath/contracts";
import type { UserKey } from "@signalpath/domain";
import type { Bus } from "@signalpath/ports";
import { createTracing, publishTraced, type HeaderValues, type Kit } from "@signalpath/service-kit";
import { LRUCache } from "lru-cache";

/** One request a person in this time, milliseconds. */
const QUIET_MS = 60_000;
/** Requests that may wait for the bus at one time; more are dropped and counted. */
const MAX_PENDING = 500;

/** Asks for a person's model to be rebuilt. Never waits, never throws. */
export interface RefreshRequests {
  request(key: UserKey, body: UserRefreshRequested, traceHeaders?: HeaderValues): void;
}

/**
 * Publishes `users.refresh.requested`, at most once a minute a person: also across replicas, since
 * the message id names person and minute. Each space a model is to be of has a minute of its own.
 *
 * @param what what is missing or stale: a quiet minute of the one does not silence the other.
 */
export function createRefreshRequests(
  bus: Pick<Bus, "publish">,
  kit: Kit,
  what: "refresh" | "refresh-features" = "refresh",
): RefreshRequests {
  const { now, logger } = kit;
  const last = new LRUCache<string, number>({ max: 100_000 });
  const outcomes = kit.metrics.counter(
    "refresh_requests_total",
    "Requests to rebuild a user model",
    ["reason", "outcome"],
  );
  let pending = 0;

  const tracing = kit.tracing ?? createTracing();

  async function publish(
    key: string,
    body: UserRefreshRequested,
    traceHeaders: HeaderValues = {},
  ): Promise<void> {
    const id = `${what}:${key}:${Math.floor(now() / QUIET_MS)}`;
    pending++;
    try {
      const options = { id, traceHeaders };
      await publishTraced(bus, tracing, subjects.userRefreshRequested, body, options);
      outcomes.inc({ reason: body.reason, outcome: "published" });
    } catch (error) {
      outcomes.inc({ reason: body.reason, outcome: "failed" });
      logger.debug({ err: error, person: key }, "refresh not requested");
    } finally {
      pending--;
    }
  }

  return {
    request(key, body, traceHeaders) {
      const place = body.space === undefined ? key : `${key}:${body.space}`;
      const at = last.get(place);
      if (at !== undefined && now() - at < QUIET_MS) return;
      if (pending >= MAX_PENDING) {
        outcomes.inc({ reason: body.reason, outcome: "dropped" });
        return;
      }
      last.set(place, now());
      void publish(place, body, traceHeaders);
    },
  };
}
