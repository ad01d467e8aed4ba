import { MAX_ID_LENGTH } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";

import { RefusedError } from "../errors.ts";

/** NUL or half of a surrogate pair: no text column can hold it. */
const UNSTORABLE = /\0|\p{Surrogate}/u;
const CANONICAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const MAX_PROJECT_ID = 2 ** 31 - 1;

/**
 * The part of an event that becomes columns must fit them: the same line for every keeper of the
 * archive, so that an event one of them takes is taken by all.
 *
 * @throws RefusedError naming the field, never its value.
 */
export function assertStorable(event: SignalEvent): void {
  const { project_id: project } = event;
  if (!Number.isInteger(project) || project < 1 || project > MAX_PROJECT_ID) {
    throw new RefusedError("project_id is not a positive 32-bit integer");
  }
  assertId("event_id", event.event_id);
  if (event.event_id === "") throw new RefusedError("event_id is empty");
  if (event.user_id === undefined && event.anonymous_id === undefined) {
    throw new RefusedError("the event has neither user_id nor anonymous_id");
  }
  for (const name of ["user_id", "anonymous_id", "previous_id", "item_id"] as const) {
    assertId(name, event[name]);
  }
  for (const item of event.impressions ?? []) assertId("impressions", item);
  assertTime("occurred_at", event.occurred_at);
  assertTime("received_at", event.received_at);
}

/** Throws RefusedError for a text that is no id: too long, or with what no column can hold. */
export function assertId(name: string, id: string | undefined): void {
  if (id === undefined) return;
  if (UNSTORABLE.test(id)) throw new RefusedError(`${name} holds NUL or a lone surrogate`);
  // Code points, not UTF-16 units: 200 emoji are 200 characters.
  if (id.length > MAX_ID_LENGTH && Array.from(id).length > MAX_ID_LENGTH) {
    throw new RefusedError(`${name} is longer than ${MAX_ID_LENGTH} characters`);
  }
}

function assertTime(name: string, time: string): void {
  // `Date` rolls 30 February over instead of refusing it, so the text has to come back unchanged.
  const ms = CANONICAL_TIME.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== time) {
    throw new RefusedError(`${name} is not a canonical ISO 8601 UTC time`);
  }
}
