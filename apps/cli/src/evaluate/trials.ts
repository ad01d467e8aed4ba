import { createRandom } from "./random.ts";
import type { Candidate } from "./fit.ts";

type Draw = (random: () => number) => unknown;

const between =
  (low: number, high: number): Draw =>
  (random) =>
    low + (high - low) * random();
const log =
  (low: number, high: number): Draw =>
  (random) =>
    low * (high / low) ** random();
const whole =
  (low: number, high: number): Draw =>
  (random) =>
    Math.round(log(low, high)(random) as number);
const choice =
  (...of: readonly unknown[]): Draw =>
  (random) =>
    of[Math.floor(random() * of.length)];

const EASE: Record<string, Draw> = {
  lambda: log(20, 1_500),
  dropout: between(0, 0.8),
};
const IALS: Record<string, Draw> = {
  factors: choice(32, 64, 128),
  reg: log(1e-3, 0.05),
  alpha: log(0.05, 1),
  nu: between(0.5, 1),
  epochs: whole(6, 14),
};
/** Where a search looks: narrower than what a kind accepts, around what has worked. */
const SPACE: Readonly<Record<string, Record<string, Draw>>> = {
  popular: { half_life_days: log(1, 3_650) },
  "item-knn": { neighbours: whole(20, 500), shrink: log(1, 300) },
  rp3beta: { alpha: between(0.4, 1.4), beta: between(0, 0.8), neighbours: whole(50, 500) },
  ease: EASE,
  ials: IALS,
};

/**
 * Candidates of one kind, in order: its defaults, so that a search never ends below them on what it
 * is judged by; then `trials - 1` seeded draws. Half of those fade where rows have times.
 */
export function trialsOf(
  kind: string,
  { trials, seed, timed }: { trials: number; seed: number; timed: boolean },
): Candidate[] {
  const random = createRandom(seed, `trials of ${kind}`);
  const draw = (): Candidate => {
    const half_life_items = timed && kind !== "popular" && random() < 0.5;
    const own =
      kind === "blend"
        ? { ease: drawOf(EASE, random), ials: drawOf(IALS, random) }
        : drawOf(SPACE[kind] ?? {}, random);
    const fading = half_life_items ? { half_life_items: Math.round(3 + 12 * random()) } : {};
    return { kind, parameters: { ...own, ...fading } };
  };
  return [{ kind, parameters: {} }, ...Array.from({ length: Math.max(0, trials - 1) }, draw)];
}

function drawOf(space: Record<string, Draw>, random: () => number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(space).map(([name, one]) => [name, one(random)]));
}
