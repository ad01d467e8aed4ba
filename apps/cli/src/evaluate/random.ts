import { createHash } from "node:crypto";

/**
 * Numbers in [0, 1) that follow from seed and purpose alone: xorshift128 (Marsaglia 2003) started
 * from SHA-256 of both, so that one more draw for one purpose shifts no other.
 */
export function createRandom(seed: number, purpose: string): () => number {
  const digest = createHash("sha256").update(`${seed}:${purpose}`).digest();
  let [x, y, z, w] = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  // All zeros would stay so for ever.
  w |= 1;
  return () => {
    const mixed = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = (w ^ (w >>> 19) ^ mixed ^ (mixed >>> 8)) >>> 0;
    return w / 4_294_967_296;
  };
}
