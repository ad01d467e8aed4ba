import { bucketRanges, chooseVariation, hash, inNamespace } from "./hash.ts";

/** What decides the variation of a unit; all of it is frozen while an experiment runs. */
export interface AssignmentRule {
  hash_seed: string;
  hash_version: number;
  /** 0..1: the share of units that take part. */
  coverage: number;
  /** Fractions that add up to 1, by variation. */
  weights: readonly number[];
  namespace?: { id: string; start: number; end: number } | null;
}

export interface Assignment {
  /** null: the unit takes no part. */
  variation_index: number | null;
  /** Where the unit fell, 0..1; null when it was not hashed. */
  hash: number | null;
}

const OUT: Assignment = { variation_index: null, hash: null };

/** The variation of a unit (a user id or an anonymous id): the same for ever while the rule stands. */
export function assignVariation(rule: AssignmentRule, unit: string): Assignment {
  if (unit === "") return OUT;
  const { namespace } = rule;
  if (namespace && !inNamespace(unit, [namespace.id, namespace.start, namespace.end])) return OUT;
  const n = hash(rule.hash_seed, unit, rule.hash_version);
  if (n === null) return OUT;
  const index = chooseVariation(n, bucketRanges(rule.weights.length, rule.coverage, rule.weights));
  return { variation_index: index < 0 ? null : index, hash: n };
}
