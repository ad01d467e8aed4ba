import type { ContentTag } from "./types.ts";

/** Case, accents, spaces and separators do not tell two labels apart. */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[\s_\-./]+/gu, " ")
    .trim();
}

/** Canonical key of a tag, `facet:label`, both folded. */
export function tagKey(tag: Pick<ContentTag, "facet" | "label">): string {
  return `${fold(tag.facet)}:${fold(tag.label)}`;
}

/** Canonical form of a `facet:label` text as a caller writes it in a filter. */
export function foldTagText(text: string): string {
  const colon = text.indexOf(":");
  if (colon < 0) return fold(text);
  return tagKey({ facet: text.slice(0, colon), label: text.slice(colon + 1) });
}
