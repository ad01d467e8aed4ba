import { deriveVector, hash32, type ContentItem, type ContentTag } from "@signalpath/domain";

import type { SampleEntry, SampleFormat, SampleTheme } from "./entry.ts";

/** The newest piece is this old, the oldest about `SPREAD_MS` older. */
const NEWEST_MS = 3_600_000;
const SPREAD_MS = 180 * 24 * 3_600_000;
/** Coprime with the number of pieces, so that themes mix over time. */
const STRIDE = 61;

/** Shortest length of a full piece and how far the longest lies above it, words. */
const LENGTHS: Record<SampleFormat, readonly [number, number]> = {
  tip: [60, 140],
  checklist: [150, 250],
  walk: [200, 300],
  recipe: [220, 320],
  article: [500, 1_100],
  guide: [700, 1_300],
};

/** What a piece is about weighs more than its form: form says little about taste. */
const WEIGHTS = { keyword: 0.8, format: 0.3, level: 0.2 } as const;

/**
 * Items of all themes, in the order written.
 * Word counts and images are drawn from a hash of the id: the texts are teasers of longer pieces.
 * @param asOfMs publication times are spread over the 180 days before it.
 */
export function buildItems(themes: readonly SampleTheme[], asOfMs: number): ContentItem[] {
  const rows = themes.flatMap((theme) => theme.entries.map((piece) => ({ theme, piece })));
  return rows.map(({ theme, piece }, index) => {
    const age = NEWEST_MS + (((index * STRIDE) % rows.length) / rows.length) * SPREAD_MS;
    return item(theme, piece, new Date(asOfMs - Math.round(age)).toISOString());
  });
}

function item(theme: SampleTheme, piece: SampleEntry, publishedAt: string): ContentItem {
  const itemId = `${theme.slug}-${piece.slug}`;
  const draw = hash32(itemId);
  const [shortest, range] = LENGTHS[piece.format];
  const bare: ContentItem = {
    item_id: itemId,
    title: piece.title,
    text: piece.text,
    tags: tagsOf(theme, piece),
    word_count: shortest + (draw % range),
    has_image: piece.place !== undefined || draw % 5 < 2,
    published_at: publishedAt,
    metadata: { collection: "sample" },
  };
  const placed =
    piece.place === undefined ? bare : { ...bare, lat: piece.place[0], lon: piece.place[1] };
  return { ...placed, vector: deriveVector(placed) };
}

function tagsOf(theme: SampleTheme, piece: SampleEntry): ContentTag[] {
  return [
    { facet: "theme", label: theme.label },
    { facet: "topic", label: piece.topic },
    ...piece.keywords.map((label) => ({ facet: "keyword", label, weight: WEIGHTS.keyword })),
    { facet: "format", label: piece.format, weight: WEIGHTS.format },
    { facet: "level", label: piece.level, weight: WEIGHTS.level },
  ];
}
