/** Made-up interactions whose structure is known. */
export interface PlantedOptions {
  users: number;
  items: number;
  /** Pairs to make, all distinct; at most half of users x items. */
  interactions: number;
  /** Latent groups: each user and each item belongs to one. */
  groups: number;
  /**
   * Share of a user's items that are drawn from their own group, 0..1; the rest comes from all
   * items. 0: nothing but popularity, so that no model can rightly beat the popular list.
   */
  structure: number;
  /** Steepness of popularity: the r-th item of a group weighs r^-skew. */
  skew?: number;
  /** Uniform in [0, 1), seeded. */
  random: () => number;
}

/** A pair; `time` counts milliseconds from 0 up to a year. */
export interface PlantedRow {
  user_id: string;
  item_id: string;
  weight: number;
  time: number;
}

const YEAR_MS = 365 * 24 * 3_600_000;
/** Draws that may hit what a user has already, before the next free item is taken. */
const TRIES = 50;

/**
 * Users with a latent group each, most of whose items are of that group; how many items a user has
 * varies by a factor of about four. Users come in order, their items in the order of their time.
 * @throws RangeError where so many distinct pairs do not fit.
 */
export function* plantedRows(options: PlantedOptions): Generator<PlantedRow> {
  const { users, items, interactions, groups, structure, skew = 0.8, random } = options;
  if (!(interactions <= (users * items) / 2) || groups < 1 || groups > items) {
    throw new RangeError("at most half of all pairs, and 1 to as many groups as items");
  }
  const everything = createDrawer(items, (item) => item, { groups, skew });
  const groupDrawers = Array.from({ length: groups }, (_, group) =>
    createDrawer(Math.ceil((items - group) / groups), (nth) => nth * groups + group, {
      groups,
      skew,
    }),
  );
  const wishes = Array.from({ length: users }, () => 0.4 + 1.2 * random());
  const sum = wishes.reduce((total, wish) => total + wish, 0);
  let made = 0;
  let wished = 0;
  for (let user = 0; user < users; user++) {
    wished += wishes[user] as number;
    // What is left must fit those who are left.
    const least = interactions - made - (users - user - 1) * items;
    const asked = Math.round((interactions * wished) / sum) - made;
    const count = Math.max(least, Math.min(items, asked));
    const own = groupDrawers[user % groups] as Drawer;
    const chosen = choose(count, items, () => (random() < structure ? own : everything)(random()));
    const times = Array.from(chosen, () => Math.floor(random() * YEAR_MS)).sort((a, b) => a - b);
    for (const [at, item] of [...chosen].entries()) {
      yield { user_id: `u${user}`, item_id: `i${item}`, weight: 1, time: times[at] as number };
    }
    made += count;
  }
}

function choose(count: number, items: number, draw: () => number): Set<number> {
  const chosen = new Set<number>();
  for (let misses = 0; chosen.size < count;) {
    let item = draw();
    if (chosen.has(item)) {
      misses += 1;
      if (misses < TRIES) continue;
      while (chosen.has(item)) item = (item + 1) % items;
    }
    misses = 0;
    chosen.add(item);
  }
  return chosen;
}

/** Number of an item from a uniform one in [0, 1). */
type Drawer = (uniform: number) => number;

/** Draws the n-th of `count` items; the rank of an item is its place within its group. */
function createDrawer(
  count: number,
  itemOf: (nth: number) => number,
  { groups, skew }: { groups: number; skew: number },
): Drawer {
  const sums = new Float64Array(count);
  let total = 0;
  for (let nth = 0; nth < count; nth++) {
    total += (1 + Math.floor(itemOf(nth) / groups)) ** -skew;
    sums[nth] = total;
  }
  return (uniform) => {
    const wanted = uniform * total;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return itemOf(low);
  };
}
