import { sha256 } from "@signalpath/service-kit";

import type { Call } from "./context.ts";

/** Metric under which an impression of the bus counts in an experiment. */
export const IMPRESSION_METRIC = "impression";

/** Key of a conversion, a click or a purchase: the id of its event, whichever door it came through. */
export const conversionKey = (eventId: string): string => `k:${eventId}`;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A UUID is the same in capitals and small letters; other ids are as they are. */
export const requestIdOf = (text: string): string => (UUID.test(text) ? text.toLowerCase() : text);

/** Key of an impression: one a slot and request. */
export const impressionKey = (slotId: number, requestId: string): string =>
  `i:${slotId}:${requestId}`;

/**
 * Id for a row that nobody gave a key. When the whole call has one, the id follows from it, so that
 * a retry tells the bus the same.
 */
export function ownEventId(
  { projectId, once }: Pick<Call, "projectId" | "once">,
  place: number,
  newId: () => string,
): string {
  if (once === undefined) return newId();
  return `c_${sha256(JSON.stringify([projectId, once.key, place]))}`;
}
