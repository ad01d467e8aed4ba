import { BUFFER_WINDOW_MS, type UserKey } from "@signalpath/domain";

import type { Clock } from "../clock/port.ts";
import type { StoredFeature } from "../feature-store/port.ts";
import type { StoredModel } from "../user-model-store/port.ts";
import { emptyEvents, type SortedEvents } from "./sorted-events.ts";

/** Milliseconds a redirect or an erase floor is kept after it was last written (30 days). */
export const MARK_LIFE_MS = BUFFER_WINDOW_MS;

/** What may be lost: a buffer, a model and the features of one person. */
export interface Person {
  kept: SortedEvents;
  /** 0 = never written. */
  revision: number;
  filled: boolean;
  /** Empty = no buffer. */
  life: string;
  /** Milliseconds; the buffer is gone from then on. */
  bufferUntil: number;
  model: StoredModel | undefined;
  modelUntil: number;
  /** By name. */
  features: Map<string, StoredFeature>;
  featuresUntil: number;
}

/** What outlives eviction: small, and forgetting it early would bring erased events back. */
export interface Mark {
  redirect: UserKey | undefined;
  /** The redirect is written, the events are not yet moved. */
  open: boolean;
  floor: number;
  until: number;
}

/** State shared by the memory EventBuffer, UserModelStore and FeatureStore, as one Redis server is. */
export interface MemoryUserState {
  now: Clock;
  /** Undefined when unknown or expired. Counts as a use. */
  find(key: UserKey): Person | undefined;
  findOrCreate(key: UserKey): Person;
  /** Loses a person's buffer, model and features, as an eviction does. */
  forget(key: UserKey): void;
  mark(key: UserKey): Mark | undefined;
  /** The mark to be written to; renews its life. */
  writeMark(key: UserKey): Mark;
  /** A revision above `previous` (0 = lost or never written), not below the clock. */
  nextRevision(previous: number): number;
  /** Never answered before. */
  nextLife(): string;
  size(): number;
  appliedAt: number | undefined;
}

/**
 * @param options.maxPeople people whose buffer and model are kept, the least recently used go
 *   first (default 50,000). A lost buffer is filled from the archive again.
 */
export function createMemoryUserState(options: {
  now: Clock;
  maxPeople?: number;
}): MemoryUserState {
  const { now, maxPeople = 50_000 } = options;
  // A Map keeps insertion order: re-inserting on use makes its first entry the least recently used.
  const people = new Map<UserKey, Person>();
  const marks = new Map<UserKey, Mark>();
  let sweepAt = 1_000;
  // Highest revision that was lost with its buffer: the next one of that person must be above it.
  let lostRevision = 0;
  let lives = 0;

  function find(key: UserKey): Person | undefined {
    const person = people.get(key);
    if (person === undefined) return undefined;
    people.delete(key);
    const bufferGone = person.bufferUntil <= now();
    const modelGone = person.model === undefined || person.modelUntil <= now();
    if (bufferGone) lose(person);
    const featuresGone = person.featuresUntil <= now();
    if (bufferGone && modelGone && featuresGone) return undefined;
    if (modelGone) person.model = undefined;
    if (featuresGone) person.features = new Map();
    people.set(key, person);
    return person;
  }

  function lose(person: Person): void {
    lostRevision = Math.max(lostRevision, person.revision);
    Object.assign(person, emptyBuffer());
  }

  function forget(key: UserKey): void {
    const person = people.get(key);
    if (person !== undefined) lose(person);
    people.delete(key);
  }

  function findOrCreate(key: UserKey): Person {
    const found = find(key);
    if (found !== undefined) return found;
    const rest = { model: undefined, modelUntil: 0, features: new Map(), featuresUntil: 0 };
    const person: Person = { ...emptyBuffer(), ...rest };
    people.set(key, person);
    for (const oldest of people.keys()) {
      if (people.size <= maxPeople) break;
      forget(oldest);
    }
    return person;
  }

  function mark(key: UserKey): Mark | undefined {
    const found = marks.get(key);
    if (found !== undefined && found.until > now()) return found;
    marks.delete(key);
    return undefined;
  }

  function writeMark(key: UserKey): Mark {
    const found = mark(key) ?? { redirect: undefined, open: false, floor: 0, until: 0 };
    found.until = now() + MARK_LIFE_MS;
    marks.set(key, found);
    if (marks.size > sweepAt) {
      for (const each of marks.keys()) mark(each);
      sweepAt = Math.max(1_000, marks.size * 2);
    }
    return found;
  }

  return {
    now,
    find,
    findOrCreate,
    forget,
    mark,
    writeMark,
    nextRevision: (previous) => Math.max((previous || lostRevision) + 1, now()),
    nextLife: () => `${++lives}`,
    size: () => people.size,
    appliedAt: undefined,
  };
}

type BufferPart = Pick<Person, "kept" | "revision" | "filled" | "life" | "bufferUntil">;

function emptyBuffer(): BufferPart {
  return { kept: emptyEvents(), revision: 0, filled: false, life: "", bufferUntil: 0 };
}
