import { buildInteractions, createRandom, type Interactions } from "@signalpath/models";

/** So many distinct pairs of people and items: both are skewed, few have much and many little. */
export function syntheticInteractions(
  { users, items, pairs }: { users: number; items: number; pairs: number },
  seed: number,
): Interactions {
  const random = createRandom(seed, "interactions");
  const seen = new Set<number>();
  while (seen.size < pairs) {
    const user = Math.floor(users * random() ** 1.5);
    seen.add(user * items + Math.floor(items * random() ** 2));
  }
  return buildInteractions(
    Array.from(seen, (key) => ({
      user_id: `u${Math.floor(key / items)}`,
      item_id: `i${key % items}`,
      weight: 1,
    })),
  );
}
