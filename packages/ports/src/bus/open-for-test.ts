import { expect, onTestFinished, vi } from "vitest";

import type { Bus, Delivery } from "./port.ts";
import { ownSubjects, type MakeBus } from "./under-test.ts";

type Own = ReturnType<typeof ownSubjects>;

/** A bus with subjects of its own for one test, closed when that test is over. */
export async function open(make: MakeBus): Promise<Own & { bus: Bus; replica: Bus }> {
  const { bus, replica, close } = await make({ retryPausesMs: [20, 40] });
  onTestFinished(close);
  return { bus, replica, ...ownSubjects() };
}

/** Waits until a list has this many entries. */
export async function untilCount(list: readonly unknown[], count: number): Promise<void> {
  await vi.waitFor(() => expect(list.length).toBeGreaterThanOrEqual(count), {
    timeout: 30_000,
    interval: 5,
  });
}

/** Publishes 1..count one after the other. */
export async function publishNumbers(
  bus: Bus,
  subject: Parameters<Bus["publish"]>[0],
  count: number,
): Promise<void> {
  for (let n = 1; n <= count; n++) await bus.publish(subject, n);
}

/** Numbers that were delivered, in that order. */
export const numbersOf = (deliveries: readonly Delivery[]): number[] =>
  deliveries.map((delivery) => Number(delivery.body));
