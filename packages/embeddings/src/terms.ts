import { fold, tagKey, type ContentItem } from "@signalpath/domain";

/** What a tag of weight 1, a word of the title and a word of the text count once. */
const TAG = 3;
const TITLE_WORD = 1;
const TEXT_WORD = 0.4;
/** Shorter words are mostly articles and prepositions, characters. */
const SHORTEST_WORD = 3;
/** Words of a text that are read; what comes later adds little. */
const MAX_WORDS = 2_000;

/** What of an item is turned into terms. */
export type Described = Pick<ContentItem, "title" | "text" | "tags">;

/**
 * Terms of an item with their weight (sublinear term frequency: 1 + ln(count), Manning, Raghavan and
 * Schuetze, "Introduction to Information Retrieval", 2008, 6.4.1; times the weight of the field).
 * Tags are `t <key>`, words `w <word>`; a word in title and text counts in both.
 */
export function termsOf({ title, text, tags }: Described): Map<string, number> {
  const terms = new Map<string, number>();
  for (const tag of tags) {
    const term = `t ${tagKey(tag)}`;
    terms.set(term, Math.max(terms.get(term) ?? 0, TAG * (tag.weight ?? 1)));
  }
  addWords(terms, title, TITLE_WORD);
  addWords(terms, text ?? "", TEXT_WORD);
  return terms;
}

function addWords(terms: Map<string, number>, text: string, weight: number): void {
  const counts = new Map<string, number>();
  let words = 0;
  for (const [word] of fold(text).matchAll(/[\p{L}\p{N}]+/gu)) {
    if (++words > MAX_WORDS) break;
    if (word.length >= SHORTEST_WORD) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  for (const [word, count] of counts) {
    const term = `w ${word}`;
    terms.set(term, (terms.get(term) ?? 0) + weight * (1 + Math.log(count)));
  }
}
