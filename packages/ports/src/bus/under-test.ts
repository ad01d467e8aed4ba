import { randomBytes } from "node:crypto";

import { subjects, type Subject } from "@signalpath/contracts";

import type { Bus, Delivery } from "./port.ts";

/** What a contract suite needs of a bus. */
export interface BusUnderTest {
  bus: Bus;
  /** A second replica of the service: the same bus over another connection where there is one. */
  replica: Bus;
  close: () => Promise<void>;
}

/**
 * Answers two handles on one bus, which may be shared with other tests: each test speaks on
 * subjects of its own. Failed batches come again after the given pauses, milliseconds.
 */
export type MakeBus = (options: { retryPausesMs: readonly number[] }) => Promise<BusUnderTest>;

/** Subjects under `signals.<random>` and a durable's name that no other test uses. */
export function ownSubjects(): {
  durable: string;
  all: string;
  of: (rest: string) => Subject<unknown>;
} {
  const token = randomBytes(8).toString("hex");
  return {
    durable: `test-${token}`,
    all: `signals.${token}.>`,
    of: (rest) => ({ ...subjects.tipServed, name: `signals.${token}.${rest}` }),
  };
}

export const bodiesOf = (deliveries: readonly Delivery[]): unknown[] =>
  deliveries.map((delivery) => JSON.parse(delivery.body) as unknown);
