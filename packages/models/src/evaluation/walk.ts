/** Added to the denominator of a likeness, as item-knn has it by default. */
const SHRINK = 20;

/** Two plain recommenders that learn one event at a time, to measure a live system against. */
export interface Walk {
  /** Takes in that a person has an item now; a pair that is known changes nothing. */
  learn(user: string, item: string): void;
  /** The k items most people have, of those the person has not; ties by item id. */
  popular(user: string, k: number): string[];
  /**
   * The k items most like those the person has: sum of cosine of people with shrinkage 20, counted
   * from everything learnt so far. Nothing for who has nothing.
   */
  itemKnn(user: string, k: number): string[];
}

/** A walk that has seen nothing. Memory: one entry a pair; nothing is kept between two questions. */
export function createWalk(): Walk {
  const itemsOf = new Map<string, Set<string>>();
  const usersOf = new Map<string, Set<string>>();
  const none: ReadonlySet<string> = new Set();

  return {
    learn(user, item) {
      setOf(itemsOf, user).add(item);
      setOf(usersOf, item).add(user);
    },
    popular(user, k) {
      const own = itemsOf.get(user) ?? none;
      const open = [...usersOf].filter(([item]) => !own.has(item));
      return topOf(
        open.map(([item, users]) => [item, users.size]),
        k,
      );
    },
    itemKnn(user, k) {
      const own = itemsOf.get(user) ?? none;
      const scores = new Map<string, number>();
      for (const seed of own) {
        const people = usersOf.get(seed) ?? none;
        for (const [item, common] of together(people, own)) {
          const norm = Math.sqrt(people.size * (usersOf.get(item)?.size ?? 0));
          scores.set(item, (scores.get(item) ?? 0) + common / (norm + SHRINK));
        }
      }
      return topOf([...scores], k);
    },
  };

  /** How many of these people have each item that is not left out. */
  function together(people: ReadonlySet<string>, leftOut: ReadonlySet<string>) {
    const counts = new Map<string, number>();
    for (const other of people) {
      for (const item of itemsOf.get(other) ?? none) {
        if (!leftOut.has(item)) counts.set(item, (counts.get(item) ?? 0) + 1);
      }
    }
    return counts;
  }
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  const found = sets.get(key) ?? new Set();
  sets.set(key, found);
  return found;
}

function topOf(scores: readonly (readonly [item: string, score: number])[], k: number): string[] {
  return scores
    .toSorted(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
    .slice(0, k)
    .map(([item]) => item);
}
