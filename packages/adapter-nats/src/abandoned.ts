import { ABANDONED, STREAMS } from "@signalpath/contracts";
import type { Abandoned, ConsumeSpec, Delivery } from "@signalpath/ports";
import { jetstreamManager } from "@nats-io/jetstream";

import { unavailable, type NatsConnection } from "./connection.ts";
import { readHeaders } from "./delivery.ts";

/** The part of a max-deliveries advisory that is used. */
interface Advisory {
  stream: string;
  consumer: string;
  stream_seq: number;
  deliveries: number;
}

/**
 * Turns advisories of the server into the messages they speak of, read from their stream. One whose
 * message is gone or whose stream is none of ours is left out and told to `onGone`.
 * Throws UnavailableError.
 */
export async function fetchAbandoned(
  connection: NatsConnection,
  advisories: readonly Delivery[],
  onGone: (why: string) => void,
): Promise<Abandoned[]> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const found: Abandoned[] = [];
  for (const { body } of advisories) {
    const advisory = readAdvisory(body);
    if (advisory === undefined) {
      onGone(`not an advisory of a stream of ours: ${body.slice(0, 200)}`);
      continue;
    }
    const { stream, consumer, stream_seq: seq, deliveries } = advisory;
    try {
      const stored = await manager.streams.getMessage(stream, { seq });
      if (stored === null) {
        onGone(`message ${seq} of ${stream} is gone, ${consumer} never finished it`);
        continue;
      }
      found.push({
        durable: consumer,
        delivery: {
          subject: stored.subject,
          body: new TextDecoder().decode(stored.data),
          headers: readHeaders(stored.header),
          publishedAtMs: stored.time.getTime(),
          attempt: deliveries,
          sequence: seq,
        },
      });
    } catch (error) {
      throw unavailable(error);
    }
  }
  return found;
}

function readAdvisory(body: string): Advisory | undefined {
  try {
    const read = JSON.parse(body) as Partial<Advisory> | null;
    // What the server cannot look up would come again for ever.
    const isOurs = Object.hasOwn(STREAMS, String(read?.stream));
    const isNamed = Number.isSafeInteger(read?.stream_seq) && Number(read?.stream_seq) > 0;
    return isOurs && isNamed ? (read as Advisory) : undefined;
  } catch {
    return undefined; // Nobody but the server should publish here.
  }
}

/** What `consume` needs to hear of all advisories, under this durable name. */
export const abandonedSpec = (durable: string): ConsumeSpec => ({
  filter: ABANDONED,
  durable,
  maxBatch: 50,
});
