import { MAX_CUTOFF, stringAt, stringCount } from "@signalpath/contracts";
import { createTopK } from "@signalpath/domain";
import type { Model, ScoredItem } from "@signalpath/models";

/** Entries counted before others have their turn: about 5 ms. */
const STRETCH = 1_000_000;
/** A list and everything that one request may leave out of it. */
const KEPT = 2 * MAX_CUTOFF;

/** Best first, without the excluded ones, `k` at most. */
export type PopularItems = (k: number, exclude: readonly string[]) => Promise<ScoredItem[]>;

/**
 * Items by the weight that all users of the training gave them. Any artefact can tell: it carries
 * what its users had. Counted at the first request, in turns with others; ties by item id.
 */
export function createPopularItems({
  items,
  history,
}: Pick<Model, "items" | "history">): PopularItems {
  let best: Promise<ScoredItem[]> | undefined;

  async function count(): Promise<ScoredItem[]> {
    const sums = new Float64Array(stringCount(items));
    const { indices, values } = history;
    for (let at = 0; at < indices.length; at++) {
      sums[indices[at]!]! += values[at]!;
      if (at % STRETCH === STRETCH - 1) await turn();
    }
    const top = createTopK(KEPT);
    for (let row = 0; row < sums.length; row++) {
      const sum = sums[row]!;
      if (sum >= top.floor()) top.push(row, sum, stringAt(items, row));
      if (row % STRETCH === STRETCH - 1) await turn();
    }
    return top.take().map(({ index, score }) => ({ item_id: stringAt(items, index), score }));
  }

  return async (k, exclude) => {
    best ??= count();
    const leftOut = new Set(exclude);
    const list = await best;
    return list.filter(({ item_id }) => !leftOut.has(item_id)).slice(0, k);
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
