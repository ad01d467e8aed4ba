import { stringAt, stringCount, type ModelView } from "@signalpath/contracts";
import { createTopRanks, hash32 } from "@signalpath/domain";
import type { ModelKind as Decoder } from "@signalpath/model-loader";
import { ModelError, modelKinds, type AnyModelKind, type Model } from "@signalpath/models";
import { LRUCache } from "lru-cache";

/** Related items kept of one item. */
const RELATED = 50;
/** Items whose related ones are remembered. */
const REMEMBERED = 5_000;

/** Items somebody has, each with its weight above 0. */
export interface Seeds {
  ids: readonly string[];
  weights: readonly number[];
}

/** What a model says of one person. */
export interface FoldIn {
  /** 0 where the model has no evidence. */
  scoreOf(itemId: string): number;
  /** Best first, ties by item id; without the seeds and what `seen` holds. */
  best(k: number, seen: ReadonlySet<number>): string[];
  /** Memory of its scores. */
  bytes: number;
}

/** A trained model as a ranking asks it. Everything is in memory. */
export interface LiveScorer {
  /** Scores of all items for whoever has the seeds; undefined when the model knows none of them. */
  foldIn(seeds: Seeds): FoldIn | undefined;
  /** Ids most alike this item, best first; empty for one the model does not know. */
  related(itemId: string): readonly string[];
  /** Ids of its items by their 32-bit hashes; those it does not know are left out. */
  known(hashes: Iterable<number>): string[];
}

/** Decoders of every kind, by the name that artefacts carry. */
export function liveScorerKinds(): Record<string, Decoder<LiveScorer>> {
  return Object.fromEntries(
    Object.entries(modelKinds).map(([name, kind]) => [
      name,
      { decode: (view: ModelView) => liveScorer(kind, kind.decode(view)) },
    ]),
  );
}

function liveScorer(kind: AnyModelKind, model: Model): LiveScorer {
  const ids = Array.from({ length: stringCount(model.items) }, (_, row) =>
    stringAt(model.items, row),
  );
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const hashes = Uint32Array.from(ids, hash32);
  const rowOfHash = new Map(Array.from(hashes, (hash, row) => [hash, row]));
  const memo = new LRUCache<string, readonly string[]>({ max: REMEMBERED });

  return {
    foldIn({ ids: seedItems, weights }) {
      const seedRows = seedItems.map((id) => rowOf.get(id) ?? -1);
      const scores = orUnknown(() => kind.scoreAll(model, { seedRows, weights }));
      if (scores === undefined) return undefined;
      const own = new Set(seedItems);
      return {
        bytes: scores.byteLength,
        scoreOf: (itemId) => {
          const score = scores[rowOf.get(itemId) ?? -1] ?? 0;
          return score > 0 ? score : 0;
        },
        best(k, seen) {
          // Rows are in id order.
          const top = createTopRanks(k);
          let least = 0;
          for (let row = 0; row < scores.length; row++) {
            const score = scores[row]!;
            // Nothing else is asked of what comes too late: most rows end here, as equal ones come in
            // the order of their ids. NaN is no evidence.
            if (!(score > least)) continue;
            if (seen.has(hashes[row]!) || own.has(ids[row]!)) continue;
            top.push(row, score);
            least = Math.max(0, top.floor());
          }
          return top.take().map(({ rank }) => ids[rank]!);
        },
      };
    },
    related(itemId) {
      const known = memo.get(itemId);
      if (known !== undefined) return known;
      const found = orUnknown(() => kind.related(model, [itemId], { k: RELATED })) ?? [];
      const made = found.map(({ item_id }) => item_id);
      memo.set(itemId, made);
      return made;
    },
    known(wanted) {
      const found: string[] = [];
      for (const hash of wanted) {
        const row = rowOfHash.get(hash);
        if (row !== undefined) found.push(ids[row]!);
      }
      return found;
    },
  };
}

/** @throws what `ask` throws, unless it says that the model knows none of the seeds. */
function orUnknown<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof ModelError && error.code === "UNKNOWN_SEEDS") return undefined;
    throw error;
  }
}
