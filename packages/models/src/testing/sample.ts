import fc from "fast-check";

import type { InteractionRow } from "../interactions/build.ts";

/** Uniform in [0, 1) from a seed (mulberry32): the same numbers for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A few users with a few items each; weights in 1/4 steps, times in days. */
export const someRows: fc.Arbitrary<InteractionRow[]> = fc
  .uniqueArray(fc.tuple(fc.nat(7), fc.nat(9)), {
    minLength: 1,
    maxLength: 50,
    selector: ([user, item]) => user * 10 + item,
  })
  .chain((pairs) =>
    fc
      .array(fc.integer({ min: 1, max: 8 }), { minLength: pairs.length, maxLength: pairs.length })
      .map((weights) =>
        pairs.map(([user, item], at) => ({
          user_id: `u${user}`,
          item_id: `i${item}`,
          weight: weights[at]! / 4,
          time: weights[at]! * 86_400_000,
        })),
      ),
  );

/**
 * Made-up tastes: users of group g mostly have items of group g, and popular ones more often. `users`
 * x `items` with about `share` of the pairs.
 */
export function tasteRows(
  users: number,
  items: number,
  share: number,
  random: () => number,
): InteractionRow[] {
  const rows: InteractionRow[] = [];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      const own = user % 4 === item % 4 ? 3 : 0.5;
      if (random() < ((share * own) / (1 + item / items)) * 1.2) {
        rows.push({ user_id: `u${user}`, item_id: `i${item}`, weight: 1, time: item * 1_000 });
      }
    }
  }
  return rows;
}
