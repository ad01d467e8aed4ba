import {
  proposedLinks,
  shapesModel,
  subjectKey,
  type Sha256,
  type SignalEvent,
  type UserKey,
} from "@signalpath/domain";
import type { IdentityLink, PutResult } from "@signalpath/ports";

import type { Moves } from "./move-links.ts";

/** An archived event of the batch. */
export interface ArchivedItem {
  index: number;
  result: Exclude<PutResult, { status: "erased" }>;
  links: readonly IdentityLink[];
}

/** One person of a batch: what to join, which buffers to take over first. */
export interface Person {
  projectId: number;
  owner: UserKey;
  userId: string;
  events: SignalEvent[];
  links: IdentityLink[];
  /** Places in the batch that are done only when this person is. */
  indexes: number[];
}

/**
 * Groups a batch by person. An event waits for its owner, and for whoever else takes over a buffer
 * of an id it names. Events that shape no model wait for nobody.
 */
export function peopleOf(
  sha256: Sha256,
  moves: Pick<Moves, "finished">,
  items: readonly ArchivedItem[],
): Person[] {
  const people = new Map<string, Person>();

  function personOf(projectId: number, owner: UserKey, event: SignalEvent): Person {
    const place = `${projectId}/${owner}`;
    let person = people.get(place);
    if (person === undefined) {
      const userId = event.user_id ?? event.anonymous_id ?? "";
      person = { projectId, owner, userId, events: [], links: [], indexes: [] };
      people.set(place, person);
    }
    return person;
  }

  for (const { index, result, links } of items) {
    const { event, owner } = result;
    if (shapesModel(event)) {
      const person = personOf(event.project_id, owner, event);
      person.events.push(event);
      person.indexes.push(index);
      if (event.user_id !== undefined) person.userId = event.user_id;
    }
    for (const link of linksNamedBy(sha256, event, links)) {
      if (moves.finished(link)) continue;
      const person = personOf(link.projectId, link.to, event);
      if (!person.links.some(({ from }) => from === link.from)) person.links.push(link);
      if (!person.indexes.includes(index)) person.indexes.push(index);
    }
  }
  return [...people.values()];
}

/** Of a batch's links, those of ids that this event names. */
function linksNamedBy(
  sha256: Sha256,
  event: SignalEvent,
  links: readonly IdentityLink[],
): readonly IdentityLink[] {
  if (links.length === 0) return links;
  const named = new Set<UserKey>(keysNamedBy(sha256, event));
  return links.filter(({ projectId, from }) => projectId === event.project_id && named.has(from));
}

/** Keys of every id an event names. */
function keysNamedBy(sha256: Sha256, event: SignalEvent): UserKey[] {
  const subject = subjectKey(sha256, event);
  const ends = proposedLinks(sha256, event).flatMap(({ from, to }) => [from, to]);
  return subject === undefined ? ends : [...new Set([subject, ...ends])];
}
