import type { Delivery } from "@signalpath/ports";
import type { JsMsg } from "@nats-io/jetstream";
import type { Msg, MsgHdrs } from "@nats-io/transport-node";

/** A stored message as the port shows it. */
export function toDelivery(message: JsMsg): Delivery {
  const { info } = message;
  return {
    subject: message.subject,
    body: message.string(),
    headers: readHeaders(message.headers),
    publishedAtMs: message.time.getTime(),
    attempt: info.deliveryCount,
    sequence: info.streamSequence,
  };
}

/** A message heard in passing: it carries neither the stream's time nor its sequence. */
export function heardDelivery(message: Msg, arrivedAtMs: number, sequence: number): Delivery {
  return {
    subject: message.subject,
    body: message.string(),
    headers: readHeaders(message.headers),
    publishedAtMs: arrivedAtMs,
    attempt: 1,
    sequence,
  };
}

export function readHeaders(headers: MsgHdrs | undefined): Record<string, string> {
  const read: Record<string, string> = {};
  for (const name of headers?.keys() ?? []) read[name] = headers?.get(name) ?? "";
  return read;
}
