import { BusFullError, encodePublish, RefusedError, type Bus } from "@signalpath/ports";
import { jetstream, type JetStreamPublishOptions } from "@nats-io/jetstream";
import { errors, headers as newHeaders } from "@nats-io/transport-node";

import { API_CODE, apiCode } from "./api-codes.ts";
import { unavailable, type NatsConnection } from "./connection.ts";
import { createGate } from "./gate.ts";

export interface PublishSettings {
  /** Milliseconds until a message that is not acknowledged counts as failed (default 2,000). */
  publishTimeoutMs?: number;
  /** Messages waiting for their acknowledgement at one time (default 256). */
  maxInFlight?: number;
  /** Messages waiting for their turn; one more is refused (default 10,000). */
  maxWaiting?: number;
}

/** `publish` of the bus: resolves with the server's acknowledgement. */
export function createPublish(
  connection: NatsConnection,
  up: () => boolean,
  settings: PublishSettings,
): Bus["publish"] {
  const { publishTimeoutMs = 2_000, maxInFlight = 256, maxWaiting = 10_000 } = settings;
  const stream = jetstream(connection);
  const gate = createGate(maxInFlight, maxWaiting);

  return async (subject, payload, { id, headers } = {}) => {
    const body = encodePublish(subject.name, payload, id);
    // The client would keep the message until it is connected again; the caller knows better.
    if (!up()) throw unavailable("not connected");
    const options: Partial<JetStreamPublishOptions> = { timeout: publishTimeoutMs };
    if (id !== undefined) options.msgID = id;
    if (headers !== undefined) options.headers = toHeaders(headers);
    const leave = await gate.enter();
    try {
      const { duplicate } = await stream.publish(subject.name, body, options);
      return { duplicate };
    } catch (error) {
      throw publishError(error);
    } finally {
      leave();
    }
  };
}

function toHeaders(given: Readonly<Record<string, string>>): ReturnType<typeof newHeaders> {
  const headers = newHeaders();
  for (const [name, value] of Object.entries(given)) headers.set(name, value);
  return headers;
}

function publishError(error: unknown): Error {
  const { message } = error instanceof Error ? error : { message: String(error) };
  const code = apiCode(error);
  if (code === API_CODE.streamFull) return new BusFullError("nats", message, { cause: error });
  if (code === API_CODE.messageTooLarge) return new RefusedError(message, { cause: error });
  if (error instanceof errors.InvalidArgumentError) {
    return new RefusedError(message, { cause: error });
  }
  return unavailable(error);
}
