import {
  checkDurable,
  DEFAULT_ACK_WAIT_MS,
  RefusedError,
  streamOf,
  type ConsumeSpec,
} from "@signalpath/ports";
import {
  AckPolicy,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  type Consumer,
  type ConsumerInfo,
} from "@nats-io/jetstream";

import { API_CODE, apiCode } from "./api-codes.ts";
import { unavailable, type NatsConnection } from "./connection.ts";

/**
 * Messages of one durable that may be unacknowledged at one time, over all replicas. Those that
 * wait for a retry count, so it is high: a thousand bad messages must not stop their neighbours.
 */
const MAX_ACK_PENDING = 20_000;

/** What the server knows of a durable; undefined = it was never created. */
export async function durableInfo(
  connection: NatsConnection,
  durable: string,
  filter: string,
): Promise<ConsumerInfo | undefined> {
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false });
    return await manager.consumers.info(streamOf(filter), durable);
  } catch (error) {
    if (apiCode(error) === API_CODE.consumerNotFound) return undefined;
    if (error instanceof RefusedError) throw error;
    throw unavailable(error);
  }
}

function read(info: ConsumerInfo, name: string): unknown {
  return (info.config as unknown as Record<string, unknown>)[name];
}

/** The durable of a spec, created when it is missing. Another filter than its own is refused. */
export async function openDurable(
  connection: NatsConnection,
  spec: ConsumeSpec,
): Promise<Consumer> {
  const { filter, ackWaitMs = DEFAULT_ACK_WAIT_MS, maxDeliveries = -1 } = spec;
  const durable = checkDurable(spec.durable);
  const stream = streamOf(filter);
  const known = await durableInfo(connection, durable, filter);
  const its = known?.config.filter_subject;
  if (known !== undefined && its !== filter) {
    throw new RefusedError(`durable ${durable} has the filter ${its}, not ${filter}`);
  }
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false });
    // By default the application alone decides by the attempt when a message is put aside.
    const numbers = {
      ack_wait: ackWaitMs * 1_000_000,
      max_ack_pending: MAX_ACK_PENDING,
      max_deliver: maxDeliveries,
    };
    if (known === undefined) {
      await manager.consumers.add(stream, {
        durable_name: durable,
        filter_subject: filter,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
        ...numbers,
      });
    } else if (Object.entries(numbers).some(([name, value]) => read(known, name) !== value)) {
      // Of another release.
      await manager.consumers.update(stream, durable, numbers);
    }
    return await jetstream(connection).consumers.get(stream, durable);
  } catch (error) {
    throw unavailable(error);
  }
}
