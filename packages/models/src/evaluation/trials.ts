import { ModelError } from "../errors.ts";
import { fadedCandidate } from "../interactions/fade.ts";
import { kindOf, type Candidate } from "./fit.ts";
import { createRandom } from "./random.ts";

/** What `auto` chooses from. */
const AUTO_KINDS = ["popular", "item-knn", "rp3beta", "ease", "ials", "blend"] as const;

/** What is to be searched: of a kind, or of all that `auto` chooses from. */
export interface SearchWish extends Candidate {
  /** How many candidates, and after how many seconds to stop; null: the given ones alone. */
  tune: Tune | null;
  seed: number;
}

export interface Tune {
  trials: number;
  seconds?: number;
}

type Draw = (random: () => number) => unknown;

const between =
  (low: number, high: number): Draw =>
  (random) =>
    low + (high - low) * random();
const logBetween =
  (low: number, high: number): Draw =>
  (random) =>
    Math.exp(Math.log(low) + Math.log(high / low) * random());
const whole =
  (draw: Draw): Draw =>
  (random) =>
    Math.round(draw(random) as number);
const oneOf =
  (...choices: readonly unknown[]): Draw =>
  (random) =>
    choices[Math.floor(random() * choices.length)];

const EASE: Record<string, Draw> = {
  lambda: logBetween(5, 3_000),
  dropout: between(0, 0.8),
  user_discount: between(0, 0.8),
  diagonal_limit: between(0, 0.5),
  confidence: oneOf("binary", "weights"),
};
const IALS: Record<string, Draw> = {
  factors: oneOf(32, 64, 128),
  reg: logBetween(2e-3, 0.05),
  alpha: logBetween(0.1, 1),
  nu: between(0.8, 1),
  epochs: whole(between(5, 16)),
  confidence: oneOf("binary", "weights"),
};

/** Where a search looks: narrower than what a kind accepts, around what has worked. */
const SPACE: Record<string, Record<string, Draw>> = {
  popular: { half_life_days: logBetween(1, 365) },
  "item-knn": {
    neighbours: whole(logBetween(20, 500)),
    shrink: logBetween(1, 500),
    confidence: oneOf("binary", "weights"),
  },
  rp3beta: {
    alpha: between(0.3, 1.5),
    beta: between(0, 0.9),
    neighbours: whole(logBetween(20, 500)),
  },
  ease: EASE,
  ials: IALS,
};

/**
 * Candidates of a search, in order: every kind as it is given first, so that a search never ends
 * worse than the defaults on what it is judged by; where rows have times the same with weights that
 * fade, which has gained more than any draw; `ials` with twice its factors, whose default is low for its
 * cost alone; `ease` with the strict diagonal, which is better where popularity within a taste is all
 * there is to know; then seeded random draws. What is given stays.
 * `auto` takes `{"kinds": [...]}` as its parameters.
 * @throws ModelError PARAMETERS_INVALID, KIND_UNKNOWN.
 */
export function trialsOf(
  { kind, parameters, tune, seed }: SearchWish,
  { timed }: { timed: boolean },
): Candidate[] {
  const kinds = kind === "auto" ? kindsOf(parameters) : [kind];
  const given = kind === "auto" ? {} : parameters;
  for (const name of kinds) kindOf(name);
  const first = kinds.map((name): Candidate => ({ kind: name, parameters: given }));
  const random = createRandom(seed, "trials");
  const more = Math.max(0, (tune?.trials ?? 0) - first.length);
  const steps = [
    ...(timed ? first : []).flatMap((one) => fadedCandidate(one) ?? []),
    ...first.flatMap((one) => widerCandidate(one) ?? []),
    ...first.flatMap((one) => strictCandidate(timed ? (fadedCandidate(one) ?? one) : one) ?? []),
  ].slice(0, more);
  return [
    ...first,
    ...steps,
    ...Array.from({ length: more - steps.length }, () => {
      const name = kinds[Math.floor(random() * kinds.length)]!;
      return { kind: name, parameters: { ...draw(name, random, timed), ...given } };
    }),
  ];
}

/** `ials` with 128 factors where nobody said how many. */
function widerCandidate({ kind, parameters }: Candidate): Candidate | undefined {
  if (kind !== "ials" || parameters["factors"] !== undefined) return undefined;
  return { kind, parameters: { ...parameters, factors: 128 } };
}

/** `ease` with the diagonal of EASE where nobody said how strict it is. */
function strictCandidate({ kind, parameters }: Candidate): Candidate | undefined {
  if (kind !== "ease" || parameters["diagonal_limit"] !== undefined) return undefined;
  return { kind, parameters: { ...parameters, diagonal_limit: 0 } };
}

function draw(name: string, random: () => number, timed: boolean): Record<string, unknown> {
  const fades = timed && name !== "popular" && random() < 0.5;
  const own =
    name === "blend"
      ? {
          ease: drawOf(EASE, random),
          ials: drawOf(IALS, random),
          // What judges the draw judges its weight too, so it is not searched inside, at twice the cost.
          weight: between(0.2, 0.95)(random),
        }
      : drawOf(SPACE[name] ?? {}, random);
  return fades ? { ...own, half_life_items: Math.round(3 + 12 * random()) } : own;
}

/**
 * Every parameter is drawn with probability 1/2 and else left as the kind has it: what works is
 * mostly a step or two beside it, and a draw of all at once finds that the less often the more
 * parameters there are. Where none would be drawn, all are.
 */
function drawOf(space: Record<string, Draw>, random: () => number): Record<string, unknown> {
  const drawn = Object.entries(space).map(
    ([name, one]) => [name, one(random), random() < 0.5] as const,
  );
  const taken = drawn.filter(([, , isTaken]) => isTaken);
  const chosen = taken.length > 0 ? taken : drawn;
  return Object.fromEntries(chosen.map(([name, value]) => [name, value]));
}

function kindsOf({ kinds = AUTO_KINDS, ...rest }: Readonly<Record<string, unknown>>): string[] {
  const [other] = Object.keys(rest);
  if (other !== undefined) {
    throw new ModelError("PARAMETERS_INVALID", `auto takes kinds as its parameter, no ${other}`);
  }
  if (!Array.isArray(kinds) || kinds.length === 0 || kinds.some((one) => typeof one !== "string")) {
    throw new ModelError("PARAMETERS_INVALID", "kinds is a list of names");
  }
  return kinds as string[];
}
