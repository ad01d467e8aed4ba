import { encodeTold } from "@signalpath/ports";

import type { NatsConnection } from "./connection.ts";

/**
 * Sends a message that no stream stores and that nobody acknowledges.
 * @returns false when it was not handed to the connection.
 */
export function tellNow(connection: NatsConnection, name: string, payload: unknown): boolean {
  const body = encodeTold(name, payload);
  if (body === undefined) return false;
  try {
    connection.publish(name, Buffer.from(body));
    return true;
  } catch {
    // Closed or draining: `tell` promises nothing, and its caller reads this answer.
    return false;
  }
}
