import { randomUUID } from "node:crypto";

import { ALL_SIGNALS } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import type { Bus, Delivery } from "@signalpath/ports";

/** Subject of an event made by the shim. */
export const shimSubject = (event: SignalEvent): string => event.source ?? "";

/**
 * Lets the contract suite speak of any payload on any subject: each travels inside an event, since
 * the log of this bus holds nothing else. For tests.
 */
export function throughEvents(bus: Bus): Bus {
  return {
    ...bus,
    publish(subject, payload, options = {}) {
      const time = new Date().toISOString();
      const event: SignalEvent = {
        event_id: options.id ?? randomUUID(),
        project_id: 1,
        user_id: "u1",
        kind: "identified",
        occurred_at: time,
        received_at: time,
        source: subject.name,
        traits: { payload },
      };
      const given: unknown = payload === undefined ? undefined : event;
      return bus.publish<unknown>(subject, given, options);
    },
    consume: (spec, handler) => bus.consume(spec, (batch) => handler(batch.map(unwrapped))),
    hear: (filter, handler) =>
      bus.hear(filter, (message) => {
        handler(streamed(message.subject) ? unwrapped(message) : message);
      }),
  };
}

/** What is told is no signal and travels as it is. */
const streamed = (subject: string): boolean => subject.startsWith(ALL_SIGNALS.slice(0, -1));

function unwrapped(delivery: Delivery): Delivery {
  const event = JSON.parse(delivery.body) as SignalEvent;
  return { ...delivery, body: JSON.stringify(event.traits?.["payload"]) };
}
