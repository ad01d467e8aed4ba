/** Control characters, and those that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303F\uFF01-\uFF60]|\p{Extended_Pictographic}\uFE0F/u;

/**
 * Text that others chose, for a terminal: what could move the cursor, change colors or begin a line
 * is a replacement character instead.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, "\uFFFD");
}

/** Printable text of at most so many columns, so that tables fit a terminal; cut between characters. */
export function shortened(text: string, width: number): string {
  const clean = printable(text);
  const kept: string[] = [];
  let columns = 0;
  let fits = 0;
  for (const { segment } of new Intl.Segmenter("en").segment(clean)) {
    columns += WIDE.test(segment) ? 2 : 1;
    if (columns > width) return `${kept.slice(0, fits).join("")}\u2026`;
    kept.push(segment);
    if (columns < width) fits = kept.length;
  }
  return clean;
}
