import { sharedF32 } from "../workers/shared.ts";
import type { Interactions, SparseRows } from "./types.ts";

/** What a kind is fitted on: every entry 1, or the weights as they are. */
export function fittingMatrix(interactions: Interactions, confidence: string): SparseRows {
  const { matrix } = interactions;
  if (confidence === "weights") return matrix;
  return { ...matrix, values: sharedF32(matrix.values.length).fill(1) };
}

/** Rule of the parameter that says so. */
export const CONFIDENCE_RULE = { oneOf: ["binary", "weights"] } as const;
export type Confidence = (typeof CONFIDENCE_RULE.oneOf)[number];
