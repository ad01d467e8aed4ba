import type { RegretPoint } from "./simulate.ts";

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 56;
const BOTTOM = 40;
const TOP = 24;
const RIGHT = 90;
const TICKS = 4;
const LINES = [
  { name: "static", color: "#b45309" },
  { name: "bandit", color: "#1d4ed8" },
] as const;

/** Cumulative regret of both rankings by lists, as SVG text. */
export function drawRegret(curve: readonly RegretPoint[]): string {
  const last = curve.at(-1);
  if (last === undefined) throw new RangeError("a curve has a point");
  const most = Math.max(last.static, last.bandit);
  const x = (lists: number) => LEFT + (lists / last.lists) * (WIDTH - LEFT - RIGHT);
  const y = (regret: number) => HEIGHT - BOTTOM - (regret / most) * (HEIGHT - BOTTOM - TOP);
  const text = (at: string, what: string | number) => `<text ${at}>${what}</text>`;
  const ticks = Array.from({ length: TICKS + 1 }, (_, at) => at / TICKS).flatMap((share) => {
    const across = x(share * last.lists).toFixed(1);
    const up = y(share * most).toFixed(1);
    return [
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${up}" y2="${up}" stroke="#e5e7eb"/>`,
      text(`x="${LEFT - 8}" y="${up}" text-anchor="end" dy="4"`, Math.round(share * most)),
      text(
        `x="${across}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle"`,
        Math.round(share * last.lists),
      ),
    ];
  });
  const lines = LINES.flatMap(({ name, color }) => {
    const points = [{ lists: 0, static: 0, bandit: 0 }, ...curve]
      .map((point) => `${x(point.lists).toFixed(1)},${y(point[name]).toFixed(1)}`)
      .join(" ");
    const end = `x="${WIDTH - RIGHT + 8}" y="${y(last[name]).toFixed(1)}" dy="4" fill="${color}"`;
    return [
      `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="2"/>`,
      text(end, name),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" ` +
      `aria-label="Cumulative regret of the static and the bandit ranking by lists" ` +
      `font-family="system-ui, sans-serif" font-size="12" fill="#374151">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...ticks,
    ...lines,
    text(`x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle"`, "lists"),
    text(`x="${LEFT}" y="${TOP - 8}"`, "cumulative regret"),
    "</svg>",
    "",
  ].join("\n");
}
