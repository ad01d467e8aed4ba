import { tagKey } from "../content/tags.ts";
import type { ContentItem } from "../content/types.ts";
import type { SignalsConfig } from "./config.ts";

/** What the fold needs of an item, derived once. */
export interface ItemFacts {
  /** Canonical keys, each once; of tags that fold alike the heaviest stands. */
  tags: readonly { key: string; weight: number }[];
  /** Milliseconds; undefined without an estimate. */
  readingMs: number | undefined;
  vector: readonly number[] | undefined;
  /** Euclidean length of `vector`; 0 when there is none or it has no direction. */
  norm: number;
}

/** Facts of an item the catalogue does not know (any more). */
export const UNKNOWN_ITEM: ItemFacts = {
  tags: [],
  readingMs: undefined,
  vector: undefined,
  norm: 0,
};

/** Distinct spellings of tags remembered before starting afresh. */
const TAG_MEMO_MAX = 20_000;

function countWords(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0;
}

/** Milliseconds to read an item: its words (of the text when not counted) and its picture. */
export function readingTime(
  item: ContentItem,
  reading: SignalsConfig["reading"],
): number | undefined {
  const words = item.word_count ?? (item.text === undefined ? 0 : countWords(item.text));
  if (words <= 0) return undefined;
  const seconds = words / reading.wordsPerSecond + (item.has_image ? reading.imageSeconds : 0);
  return seconds * 1_000;
}

function length(vector: readonly number[] | undefined): number {
  if (vector === undefined) return 0;
  let squares = 0;
  for (const x of vector) squares += x * x;
  return Number.isFinite(squares) ? Math.sqrt(squares) : 0;
}

/**
 * Derives facts and remembers them by item object, so that an item shared by many models is
 * folded once. Items are taken to be immutable.
 */
export function createItemFacts(config: SignalsConfig): (item: ContentItem) => ItemFacts {
  const known = new WeakMap<ContentItem, ItemFacts>();
  const keys = new Map<string, Map<string, string>>();
  let remembered = 0;

  function keyOf(facet: string, label: string): string {
    if (remembered >= TAG_MEMO_MAX) {
      keys.clear();
      remembered = 0;
    }
    let labels = keys.get(facet);
    if (labels === undefined) keys.set(facet, (labels = new Map()));
    let key = labels.get(label);
    if (key === undefined) {
      labels.set(label, (key = tagKey({ facet, label })));
      remembered++;
    }
    return key;
  }

  function derive(item: ContentItem): ItemFacts {
    const weights = new Map<string, number>();
    for (const { facet, label, weight = 1 } of item.tags) {
      const key = keyOf(facet, label);
      weights.set(key, Math.max(weight, weights.get(key) ?? 0));
    }
    return {
      tags: [...weights].map(([key, weight]) => ({ key, weight })),
      readingMs: readingTime(item, config.reading),
      vector: item.vector,
      norm: length(item.vector),
    };
  }

  return (item) => {
    let facts = known.get(item);
    if (facts === undefined) known.set(item, (facts = derive(item)));
    return facts;
  };
}
