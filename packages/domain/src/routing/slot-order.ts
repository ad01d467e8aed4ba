import { hash32 } from "../content/hash.ts";

/** A place that a share of the users goes to. */
export interface WeightedSlot {
  id: number;
  /** Relative to the others. Nobody goes to a slot whose weight is not above 0. */
  weight: number;
}

const RANGE = 2 ** 32;
/** Odd, from the golden ratio: spreads small numbers over 32 bits. */
const SPREAD = 0x9e3779b1;

/**
 * Where a user goes, and where next if that place cannot answer: weighted rendezvous hashing (Thaler
 * and Ravishankar 1998; logarithmic weights as in Schindelhauer and Schomaker 2005). Ascending
 * -ln(u) / weight with u in (0, 1) from a 32-bit hash of seed, slot and user, so first places have
 * the shares of the weights. When one weight changes, users move to or from that slot alone.
 */
export function slotOrder<S extends WeightedSlot>(
  seed: string,
  userId: string,
  slots: readonly S[],
): S[] {
  const user = mix(hash32(`${seed}:${userId}`));
  return byDistance(slots, ({ id }) => mix(user ^ mix(Math.imul(id, SPREAD) + SPREAD)));
}

/** The same shares, drawn anew. @param random in [0, 1) */
export function randomSlotOrder<S extends WeightedSlot>(
  slots: readonly S[],
  random: () => number,
): S[] {
  return byDistance(slots, () => Math.floor(random() * RANGE));
}

/** @param draw a whole number in 0 .. 2^32 - 1 for each slot. */
function byDistance<S extends WeightedSlot>(slots: readonly S[], draw: (slot: S) => number): S[] {
  return slots
    .filter(({ weight }) => weight > 0)
    .map((slot) => ({ slot, distance: -Math.log((draw(slot) + 0.5) / RANGE) / slot.weight }))
    .sort((left, right) => left.distance - right.distance || left.slot.id - right.slot.id)
    .map(({ slot }) => slot);
}

/** Each bit of the input turns half of the output's: the finaliser of MurmurHash3. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
