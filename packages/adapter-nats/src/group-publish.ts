import { JetStreamApiError, type ApiError } from "@nats-io/jetstream";
import {
  createInbox,
  errors,
  type Msg,
  type MsgHdrs,
  type Subscription,
} from "@nats-io/transport-node";

import { inboxPrefixOf, unavailable, type NatsConnection } from "./connection.ts";

/** A message on its way to a stream. */
interface Waiting {
  token: string;
  subject: string;
  body: string;
  headers: MsgHdrs | undefined;
  /** On the clock of `performance.now`. */
  deadline: number;
  resolve(ack: { duplicate: boolean }): void;
  reject(error: unknown): void;
}

/** Publishes to a stream; resolves with the stream's acknowledgement. */
export type GroupPublish = (
  subject: string,
  body: string,
  headers: MsgHdrs | undefined,
) => Promise<{ duplicate: boolean }>;

/**
 * JetStream publishing in groups: what is published in one turn of the event loop leaves in one
 * write, all acknowledgements come to one inbox, and one timer watches over all. The client's own
 * `publish` takes a write, a timer and two captured stacks a message instead.
 * Rejects with the error of the client or of the JetStream API.
 * @param timeoutMs a message not acknowledged for this long is rejected with a TimeoutError
 */
export function createGroupPublish(connection: NatsConnection, timeoutMs: number): GroupPublish {
  // In order of their deadlines, since all wait equally long.
  const waiting = new Map<string, Waiting>();
  let unsent: Waiting[] = [];
  let inbox: { prefix: string; subscription: Subscription } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let counted = 0;

  function take(one: Waiting): boolean {
    return waiting.delete(one.token);
  }

  function failWhere(matches: (one: Waiting) => boolean, error: unknown): void {
    for (const one of waiting.values()) if (matches(one) && take(one)) one.reject(error);
  }

  function openInbox(): { prefix: string; subscription: Subscription } {
    const prefix = `${createInbox(inboxPrefixOf(connection))}.`;
    const subscription = connection.subscribe(`${prefix}*`, {
      callback: (error, message) => {
        if (error === null) return settle(message.subject.slice(prefix.length), message);
        // The server took the inbox away: the next message opens another.
        inbox = undefined;
        failWhere(() => true, error);
      },
    });
    return { prefix, subscription };
  }

  function settle(token: string, message: Msg): void {
    const one = waiting.get(token);
    if (one === undefined) return;
    waiting.delete(token);
    try {
      one.resolve(readAck(message, one.subject));
    } catch (error) {
      one.reject(error);
    }
  }

  function send(): void {
    const group = unsent;
    unsent = [];
    for (const one of group) {
      try {
        inbox ??= openInbox();
        const reply = inbox.prefix + one.token;
        const headers = one.headers === undefined ? {} : { headers: one.headers };
        // From Node's pool of small buffers: the client's own encoding allocates outside of the heap.
        connection.publish(one.subject, Buffer.from(one.body), { reply, ...headers });
      } catch (error) {
        if (take(one)) one.reject(error);
      }
    }
  }

  function watch(ms: number): void {
    timer = setTimeout(() => {
      timer = undefined;
      const now = performance.now();
      for (const one of waiting.values()) {
        if (one.deadline > now) return watch(one.deadline - now);
        if (take(one)) one.reject(new errors.TimeoutError());
      }
    }, Math.ceil(ms));
    // The connection keeps the process alive, not the watch over it.
    timer.unref();
  }

  async function follow(): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type !== "error") continue;
      const { error } = status;
      if (error instanceof errors.PermissionViolationError && error.operation === "publish") {
        failWhere(({ subject }) => subject === error.subject, error);
      }
    }
    failWhere(() => true, unavailable("the connection was closed"));
  }
  // Its end, good or bad, is the link's to report; here nobody may be left waiting.
  follow().catch((error: unknown) => failWhere(() => true, error));

  return (subject, body, headers) =>
    new Promise((resolve, reject) => {
      const token = (counted++).toString(36);
      const deadline = performance.now() + timeoutMs;
      const one = { token, subject, body, headers, deadline, resolve, reject };
      waiting.set(token, one);
      if (timer === undefined) watch(timeoutMs);
      if (unsent.push(one) === 1) setImmediate(send);
    });
}

/** @throws NoRespondersError when no stream takes the subject, JetStreamApiError when one refuses. */
function readAck(message: Msg, subject: string): { duplicate: boolean } {
  if (message.data.length === 0 && message.headers?.code === 503) {
    throw new errors.NoRespondersError(subject);
  }
  const answer = message.json<{ error?: ApiError; stream?: string; duplicate?: boolean }>();
  if (answer.error !== undefined) throw new JetStreamApiError(answer.error);
  if (!answer.stream) throw new Error("the acknowledgement names no stream");
  return { duplicate: answer.duplicate === true };
}
