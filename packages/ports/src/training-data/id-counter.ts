/** Counts different ids without keeping them. */
export interface IdCounter {
  add(id: string): void;
  count(): number;
}

const START = 1 << 12;

/**
 * Keeps a 53-bit hash of each id in a table of numbers: 16 to 32 bytes an id, whatever its length.
 * Two of a million ids share a hash with probability 6e-5, which would count them as one.
 */
export function createIdCounter(): IdCounter {
  let slots = new Float64Array(START);
  let held = 0;

  function place(table: Float64Array, hash: number): boolean {
    const mask = table.length - 1;
    for (let at = hash % table.length; ; at = (at + 1) & mask) {
      if (table[at] === hash) return false;
      if (table[at] !== 0) continue;
      table[at] = hash;
      return true;
    }
  }

  return {
    add(id) {
      if (!place(slots, hash53(id))) return;
      held++;
      if (held * 2 < slots.length) return;
      const wider = new Float64Array(slots.length * 2);
      for (const hash of slots) if (hash !== 0) place(wider, hash);
      slots = wider;
    },
    count: () => held,
  };
}

/** Two 32-bit multiplicative hashes side by side; never 0, which marks an empty place. */
function hash53(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (high & 0x1fffff) * 4_294_967_296 + (low >>> 0) || 1;
}
