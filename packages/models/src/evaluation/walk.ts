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
  const users = createNumbers();
  const items = createNumbers();
  /** Numbers of the items of each user, and of the users of each item. */
  const itemsOf: number[][] = [];
  const usersOf: number[][] = [];
  const pairs = new Set<string>();

  const top = (scores: Float64Array, own: readonly number[], k: number): string[] => {
    for (const item of own) scores[item] = 0;
    const scored = [...scores.keys()].filter((item) => scores[item]! > 0);
    return scored
      .sort((a, b) => scores[b]! - scores[a]! || (items.name(a) < items.name(b) ? -1 : 1))
      .slice(0, k)
      .map((item) => items.name(item));
  };
  const ownOf = (user: string): readonly number[] => itemsOf[users.find(user) ?? -1] ?? [];

  return {
    learn(user, item) {
      const pair = JSON.stringify([user, item]);
      if (pairs.has(pair)) return;
      pairs.add(pair);
      const [u, i] = [users.take(user), items.take(item)];
      (itemsOf[u] ??= []).push(i);
      (usersOf[i] ??= []).push(u);
    },
    popular: (user, k) =>
      top(
        Float64Array.from(usersOf, ({ length }) => length),
        ownOf(user),
        k,
      ),
    itemKnn(user, k) {
      const own = ownOf(user);
      const scores = new Float64Array(usersOf.length);
      const common = new Uint32Array(usersOf.length);
      for (const seed of own) {
        const people = usersOf[seed]!;
        common.fill(0);
        for (const other of people) for (const item of itemsOf[other]!) common[item]! += 1;
        for (let item = 0; item < common.length; item++) {
          if (common[item] === 0) continue;
          const norm = Math.sqrt(people.length * usersOf[item]!.length);
          scores[item]! += common[item]! / (norm + SHRINK);
        }
      }
      return top(scores, own, k);
    },
  };
}

/** Numbers for ids, from 0, in the order they came. */
function createNumbers() {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  return {
    find: (id: string) => numbers.get(id),
    name: (number: number) => names[number]!,
    take(id: string): number {
      const known = numbers.get(id);
      if (known !== undefined) return known;
      numbers.set(id, names.length);
      return names.push(id) - 1;
    },
  };
}
