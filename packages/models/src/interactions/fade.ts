import { ModelError } from "../errors.ts";
import { decayInteractions } from "./decay.ts";
import type { Interactions } from "./types.ts";

/** Least share that an old item keeps. */
const FLOOR = 0.08;
const MAX_HALF_LIFE = 10_000;
/** Half-life that a search tries on what won, in newer items of the same person. */
const TRIED = 5;

/** What a kind is trained with beside its own parameters: of any kind, and the same wherever it is tried. */
interface Faded {
  /** Weights fade where that was asked for and rows have times. */
  data: Interactions;
  /** Parameters of the kind. */
  own: Readonly<Record<string, unknown>>;
  /** What is recorded beside them: `half_life_items` where weights fade. */
  fading: { half_life_items?: number };
}

/**
 * Takes `half_life_items` out of parameters (0 or absent: none) and lets each person's weights fade
 * by how many newer items they have.
 * @throws ModelError PARAMETERS_INVALID.
 */
export function fadeAsAsked(
  interactions: Interactions,
  parameters: Readonly<Record<string, unknown>>,
): Faded {
  const { half_life_items = 0, ...own } = parameters;
  if (
    typeof half_life_items !== "number" ||
    !(half_life_items >= 0 && half_life_items <= MAX_HALF_LIFE)
  ) {
    throw new ModelError("PARAMETERS_INVALID", `half_life_items is 0..${MAX_HALF_LIFE}`);
  }
  if (half_life_items === 0 || interactions.times === undefined) {
    return { data: interactions, own, fading: {} };
  }
  const data = decayInteractions(interactions, { half_life_items, floor: FLOOR });
  return { data, own, fading: { half_life_items } };
}

/**
 * The same candidate with weights that fade, where that is neither pointless nor decided already; for
 * rows with times.
 */
export function fadedCandidate({
  kind,
  parameters,
}: {
  kind: string;
  parameters: Readonly<Record<string, unknown>>;
}): { kind: string; parameters: Record<string, unknown> } | undefined {
  if (kind === "popular") return undefined;
  if (parameters["half_life_items"] !== undefined) return undefined;
  return { kind, parameters: { ...parameters, half_life_items: TRIED } };
}
