/** What a piece is: decides how long the full piece behind the teaser is. */
export type SampleFormat = "tip" | "article" | "checklist" | "guide" | "recipe" | "walk";
export type SampleLevel = "beginner" | "regular" | "expert";

/** One piece as its theme file writes it; `build.ts` turns it into a ContentItem. */
export interface SampleEntry {
  /** Unique in its theme; the item id is `<theme slug>-<slug>`. */
  slug: string;
  format: SampleFormat;
  level: SampleLevel;
  topic: string;
  /** At most two, so that an item carries four to six tags. */
  keywords: readonly string[];
  title: string;
  text: string;
  /** Latitude and longitude, degrees, of what the piece is about. */
  place?: readonly [number, number];
}

export interface SampleTheme {
  slug: string;
  label: string;
  entries: readonly SampleEntry[];
}

/** Keeps an entry on few lines in the theme files. */
export function entry(
  slug: string,
  kind: readonly [SampleFormat, SampleLevel, topic: string, ...keywords: string[]],
  title: string,
  text: string,
  place?: readonly [number, number],
): SampleEntry {
  const [format, level, topic, ...keywords] = kind;
  const written = { slug, format, level, topic, keywords, title, text };
  return place === undefined ? written : { ...written, place };
}
