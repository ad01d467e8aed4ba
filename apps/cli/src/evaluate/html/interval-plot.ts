import { digits, escaped } from "./page.ts";

/** One value and the interval around it. */
export interface PlotRow {
  label: string;
  value: number;
  interval: readonly [low: number, high: number];
}

export interface PlotOptions {
  /** What is shown, for who sees it and for who hears it. */
  title: string;
  /** Draws a line at 0 and keeps it in view: for differences. */
  zero?: true;
}

const WIDTH = 720;
const ROW = 30;
const TOP = 10;
const AXIS = 32;
const RIGHT = 70;
const LETTER = 7.2;

/**
 * Values as points on one scale, their intervals as lines. The picture is told in words too: a
 * reader who sees nothing hears every value.
 */
export function intervalPlot(rows: readonly PlotRow[], { title, zero }: PlotOptions): string {
  const left = Math.max(80, ...rows.map(({ label }) => label.length * LETTER + 20));
  const ends = rows.flatMap(({ value, interval }) => [value, ...interval]);
  const ticks = ticksOf(
    Math.min(...ends, ...(zero ? [0] : [])),
    Math.max(...ends, ...(zero ? [0] : [])),
  );
  const from = Math.min(...ticks);
  const to = Math.max(...ticks);
  const x = (value: number) => left + ((value - from) / (to - from)) * (WIDTH - left - RIGHT);
  const height = TOP + rows.length * ROW + AXIS;
  const bottom = TOP + rows.length * ROW;
  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${px(x(tick))}" x2="${px(x(tick))}" y1="${TOP}" y2="${bottom}"/>` +
      `<text class="tick" x="${px(x(tick))}" y="${bottom + 18}" text-anchor="middle">${shownTick(tick, to - from)}</text>`,
  );
  const marks = rows.map(({ label, value, interval: [low, high] }, at) => {
    const y = TOP + at * ROW + ROW / 2;
    return (
      `<text x="0" y="${y + 4}">${escaped(label)}</text>` +
      `<line class="range" x1="${px(x(low))}" x2="${px(x(high))}" y1="${y}" y2="${y}"/>` +
      `<circle class="point" cx="${px(x(value))}" cy="${y}" r="6"/>` +
      `<text x="${WIDTH}" y="${y + 4}" text-anchor="end">${digits(value)}</text>`
    );
  });
  const line = zero
    ? `<line class="zero" x1="${px(x(0))}" x2="${px(x(0))}" y1="${TOP}" y2="${bottom}"/>`
    : "";
  const told = rows.map(
    ({ label, value, interval }) =>
      `${label} ${digits(value)} (${interval.map(digits).join(" to ")})`,
  );
  const id = `plot-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
  return (
    `<figure><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-t ${id}-d">` +
    `<title id="${id}-t">${escaped(title)}</title><desc id="${id}-d">${escaped(told.join("; "))}</desc>` +
    `${grid.join("")}${line}${marks.join("")}</svg>` +
    `<figcaption>${escaped(title)}. Lines are 95 % intervals.</figcaption></figure>`
  );
}

const px = (value: number) => value.toFixed(1);

/** Round values from below the least to above the largest, at most eight of them. */
function ticksOf(least: number, largest: number): number[] {
  const span = largest > least ? largest - least : Math.abs(largest) || 1;
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const first = Math.floor(least / step);
  const last = Math.max(first + 1, Math.ceil(largest / step));
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
}

function shownTick(value: number, span: number): string {
  const places = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(span))));
  return (Math.abs(value) < 1e-12 ? 0 : value).toFixed(places);
}
