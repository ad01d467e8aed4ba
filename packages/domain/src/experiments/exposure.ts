/** That a unit met a variation at a moment (ISO 8601, UTC, milliseconds: texts order as times do). */
export interface Exposure {
  unit: string;
  variation_index: number;
  occurred_at: string;
  /** Absent: a person. */
  is_bot?: boolean | undefined;
}

/** All that was seen of one unit, as a join: however often and in whatever order it is told, the same. */
export interface UnitExposure {
  unit: string;
  /** Of the first exposure by event time; at equal times the lower index. */
  variation_index: number;
  first_exposed_at: string;
  /** Least and greatest variation seen: they differ when the unit met more than one. */
  lo: number;
  hi: number;
  /** Any of them came from a bot. */
  is_bot: boolean;
}

/** What one exposure says of its unit. */
const alone = ({ unit, variation_index, occurred_at, is_bot }: Exposure): UnitExposure => ({
  unit,
  variation_index,
  first_exposed_at: occurred_at,
  lo: variation_index,
  hi: variation_index,
  is_bot: is_bot === true,
});

function isEarlier(left: UnitExposure, right: UnitExposure): boolean {
  if (left.first_exposed_at !== right.first_exposed_at) {
    return left.first_exposed_at < right.first_exposed_at;
  }
  return left.variation_index < right.variation_index;
}

/** Two sights of one unit as one: idempotent, commutative, associative. */
export function joinExposures(left: UnitExposure, right: UnitExposure): UnitExposure {
  const first = isEarlier(right, left) ? right : left;
  return {
    ...first,
    lo: Math.min(left.lo, right.lo),
    hi: Math.max(left.hi, right.hi),
    is_bot: left.is_bot || right.is_bot,
  };
}

/** A batch as one row a unit. */
export function foldExposures(batch: readonly Exposure[]): UnitExposure[] {
  const units = new Map<string, UnitExposure>();
  for (const exposure of batch) {
    const seen = units.get(exposure.unit);
    const one = alone(exposure);
    units.set(exposure.unit, seen ? joinExposures(seen, one) : one);
  }
  return [...units.values()].toSorted((a, b) => (a.unit < b.unit ? -1 : 1));
}

/** Whether a unit met more than one variation. */
export const isFlipped = ({ lo, hi }: Pick<UnitExposure, "lo" | "hi">): boolean => lo !== hi;
