const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of 32 bits over the UTF-16 code units of a text (not its bytes), as an unsigned number. */
function fnv1a(text: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  }
  return hash >>> 0;
}

/**
 * Where a value falls in [0, 1): in steps of 1/1,000 by version 1, of 1/10,000 by version 2; null for any other
 * version. Version 2 hashes twice: by version 1 the arms of two experiments with similar seeds depend on each other.
 * The function of the public GrowthBook SDK specification, so that clients in other languages agree.
 */
export function hash(seed: string, value: string, version: number): number | null {
  if (version === 1) return (fnv1a(value + seed) % 1_000) / 1_000;
  if (version === 2) return (fnv1a(String(fnv1a(seed + value))) % 10_000) / 10_000;
  return null;
}

/**
 * Start (included) and end (excluded) of each variation in [0, 1). A start depends on the weights alone, so raising
 * the coverage adds units and moves none. `coverage` is clamped to 0..1; weights that are missing, of another length
 * or do not add up to 1 within .01 count as equal.
 */
export function bucketRanges(
  numVariations: number,
  coverage: number,
  weights: readonly number[],
): [number, number][] {
  const share = Math.min(1, Math.max(0, Number.isNaN(coverage) ? 0 : coverage));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const usable = weights.length === numVariations && total >= 0.99 && total <= 1.01;
  const each = usable ? weights : Array.from({ length: numVariations }, () => 1 / numVariations);
  let start = 0;
  return each.map((weight) => {
    const range: [number, number] = [start, start + share * weight];
    start += weight;
    return range;
  });
}

/** The variation whose range holds `n`; -1 where none does. */
export const chooseVariation = (
  n: number,
  ranges: readonly (readonly [number, number])[],
): number => ranges.findIndex(([start, end]) => n >= start && n < end);

/** Whether a unit falls into this experiment's part [start, end) of a namespace of experiments that exclude another. */
export function inNamespace(
  value: string,
  [id, start, end]: readonly [id: string, start: number, end: number],
): boolean {
  const n = hash(`__${id}`, value, 1) as number;
  return n >= start && n < end;
}
