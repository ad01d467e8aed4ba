import {
  RETRY_PAUSES_MS,
  UnavailableError,
  type BatchHandler,
  type Bus,
  type Clock,
  type ConsumeSpec,
  type Subscription,
} from "@signalpath/ports";

import { abandonedSpec, fetchAbandoned } from "./abandoned.ts";
import { unavailable, type NatsConnection } from "./connection.ts";
import { consume } from "./consume.ts";
import { durableInfo, openDurable } from "./consumer.ts";
import { heardDelivery } from "./delivery.ts";
import { watchLink } from "./link.ts";
import { createPublish, type PublishSettings } from "./publish.ts";
import { tellNow } from "./tell.ts";

export interface NatsBusOptions extends PublishSettings {
  /** Time of arrival of what is heard (default: the machine's clock). */
  now?: Clock;
  retryPausesMs?: readonly number[];
  /** A subscription that closes waits this long for its handlers, milliseconds (default 4,000). */
  closeWithinMs?: number;
  /** A handler, a listener or a request failed and the bus goes on. Default: stderr. */
  onError?: (error: unknown, where: string) => void;
}

/** Milliseconds handlers get to end before their messages go to somebody else. */
const CLOSE_WITHIN_MS = 4_000;
/** Milliseconds the last acknowledgements have to get out. */
const CLOSE_TIMEOUT_MS = 2_000;
/** Milliseconds until a server that does not answer a ping counts as down. */
const CHECK_TIMEOUT_MS = 2_000;

/**
 * The bus on JetStream. Works on nats-server 2.9: one filter a consumer, no newer feature. Takes
 * the connection over: `close` ends it. The streams exist already (`ensureStreams`).
 */
export function createNatsBus(connection: NatsConnection, options: NatsBusOptions = {}): Bus {
  const { now = Date.now, retryPausesMs = RETRY_PAUSES_MS } = options;
  const { closeWithinMs = CLOSE_WITHIN_MS } = options;
  const onError = options.onError ?? ((error, where) => console.error(where, error));
  const link = watchLink(connection, (error) => onError(error, "connection"));
  const subscriptions = new Set<Subscription>();
  let closed = false;

  function alive(): void {
    if (closed || connection.isClosed()) throw unavailable("the bus is closed");
  }

  function hear(filter: string, handler: Parameters<Bus["hear"]>[1]): Subscription {
    let sequence = 0;
    const subscription = connection.subscribe(filter, {
      callback: (error, message) => {
        try {
          if (error !== null) throw error;
          handler(heardDelivery(message, now(), ++sequence));
        } catch (failure) {
          onError(failure, `listener on ${filter}`);
        }
      },
    });
    return { close: async () => subscription.unsubscribe() };
  }

  async function subscribe(spec: ConsumeSpec, handler: BatchHandler): Promise<Subscription> {
    alive();
    const open = () => openDurable(connection, spec);
    const subscription = await consume(open, spec, handler, {
      retryPausesMs,
      onError,
      onReconnect: (listener) => link.onReconnect(listener),
      closeWithinMs,
    });
    subscriptions.add(subscription);
    return {
      async close() {
        subscriptions.delete(subscription);
        await subscription.close();
      },
    };
  }

  return {
    publish: createPublish(connection, () => !closed && link.up(), options),
    tell: ({ name }, payload) => !closed && link.up() && tellNow(connection, name, payload),
    consume: subscribe,
    consumeAbandoned: (durable, handler) =>
      subscribe(abandonedSpec(durable), async (batch) => {
        const onGone = (why: string) => onError(new Error(why), "abandoned messages");
        await handler(await fetchAbandoned(connection, batch, onGone));
      }),
    async hear(filter, handler) {
      alive();
      const subscription = hear(filter, handler);
      // From now on: the server must know the subscription before anyone relies on it.
      await connection.flush().catch((error: unknown) => {
        throw unavailable(error);
      });
      return subscription;
    },
    onReconnect: (listener) => link.onReconnect(listener),
    async lag(durable, filter) {
      const info = await durableInfo(connection, durable, filter);
      if (info === undefined) return undefined;
      return { pending: info.num_pending, ackPending: info.num_ack_pending };
    },
    async check() {
      alive();
      if (!link.up()) throw unavailable("not connected");
      await withTimeout(connection.rtt(), CHECK_TIMEOUT_MS);
    },
    async close() {
      if (closed) return;
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
      try {
        await withTimeout(connection.drain(), CLOSE_TIMEOUT_MS);
      } catch {
        await connection.close(); // No server to drain to: what was not sent comes again.
      }
    },
  };
}

async function withTimeout(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(`no answer in ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } catch (error) {
    throw error instanceof UnavailableError ? error : unavailable(error);
  } finally {
    clearTimeout(timer);
  }
}
