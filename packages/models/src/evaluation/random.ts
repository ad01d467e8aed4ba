import { createHash } from "node:crypto";

/**
 * Numbers in [0, 1) that follow from seed and purpose alone: mulberry32, started from SHA-256 of
 * both, so that one more draw of one purpose shifts no other.
 */
export function createRandom(seed: number, purpose: string): () => number {
  let state = createHash("sha256").update(`${seed}/${purpose}`).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
