import { subjectKey, type Sha256, type SignalEvent, type UserKey } from "@signalpath/domain";
import { assertStorable } from "@signalpath/ports";

/** A given event and what its row needs beside it. */
export interface Entry {
  event: SignalEvent;
  subject: UserKey;
  /** Project and event id: what makes it one event. */
  place: string;
  /** The event as JSON. */
  payload: string;
}

/** Throws RefusedError for an event that no row can hold. */
export function toEntry(sha256: Sha256, event: SignalEvent): Entry {
  assertStorable(event);
  const subject = subjectKey(sha256, event) as UserKey;
  return {
    event,
    subject,
    place: placeOf(event.project_id, event.event_id),
    payload: JSON.stringify(event),
  };
}

export function placeOf(projectId: number, eventId: string): string {
  return `${projectId}/${eventId}`;
}

/** The same digests, each computed once: a batch asks for those of its ids many times. */
export function remembered(sha256: Sha256): Sha256 {
  const known = new Map<string, string>();
  return (text) => {
    let digest = known.get(text);
    if (digest === undefined) known.set(text, (digest = sha256(text)));
    return digest;
  };
}
