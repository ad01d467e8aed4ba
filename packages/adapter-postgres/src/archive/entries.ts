import { subjectKey, type Sha256, type SignalEvent, type UserKey } from "@signalpath/domain";
import { assertStorable } from "@signalpath/ports";

/** A given event and what its row needs beside it. */
export interface Entry {
  event: SignalEvent;
  subject: UserKey;
  /** Project and event id: what makes it one event. */
  place: string;
}

/** Throws RefusedError for an event that no row can hold. */
export function toEntry(sha256: Sha256, event: SignalEvent): Entry {
  assertStorable(event);
  const subject = subjectKey(sha256, event) as UserKey;
  return { event, subject, place: placeOf(event.project_id, event.event_id) };
}

export function placeOf(projectId: number, eventId: string): string {
  return `${projectId}/${eventId}`;
}
