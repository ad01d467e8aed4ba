import { headers as headerNames } from "@signalpath/contracts";
import { BusFullError, encodePublish, RefusedError, type Bus } from "@signalpath/ports";
import { errors, headers as newHeaders, type MsgHdrs } from "@nats-io/transport-node";

import { API_CODE, apiCode } from "./api-codes.ts";
import { unavailable, type NatsConnection } from "./connection.ts";
import { createGate } from "./gate.ts";
import { createGroupPublish } from "./group-publish.ts";

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
  const send = createGroupPublish(connection, publishTimeoutMs);
  const gate = createGate(maxInFlight, maxWaiting);

  return async (subject, payload, { id, headers } = {}) => {
    const body = encodePublish(subject.name, payload, id);
    // The client would keep the message until it is connected again; the caller knows better.
    if (!up()) throw unavailable("not connected");
    const leave = await gate.enter();
    try {
      return await send(subject.name, body, toHeaders(headers, id));
    } catch (error) {
      throw publishError(error);
    } finally {
      leave();
    }
  };
}

function toHeaders(
  given: Readonly<Record<string, string>> | undefined,
  id: string | undefined,
): MsgHdrs | undefined {
  if (given === undefined && id === undefined) return undefined;
  const headers = newHeaders();
  for (const [name, value] of Object.entries(given ?? {})) headers.set(name, value);
  if (id !== undefined) headers.set(headerNames.messageId, id);
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
