/** Strings of an artefact: one UTF-8 blob and where each begins. Offsets: count + 1, first 0. */
export interface StringTable {
  bytes: Uint8Array;
  offsets: Uint32Array;
}

const ENCODER = new TextEncoder();

/** Compares as UTF-8 bytes: the order of tables that are searched. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return compareAt(left, 0, left.length, right);
}

/** Compares bytes `begin` to `end` with all others. Views of parts would cost more than to compare. */
function compareAt(bytes: Uint8Array, begin: number, end: number, right: Uint8Array): number {
  const length = end - begin;
  const shared = Math.min(length, right.length);
  for (let at = 0; at < shared; at++) {
    const difference = bytes[begin + at]! - right[at]!;
    if (difference !== 0) return difference;
  }
  return length - right.length;
}

/**
 * Packs strings in the order given. Throws RangeError on a lone surrogate (it has no UTF-8 form)
 * and beyond 4 GiB.
 */
export function encodeStrings(strings: readonly string[]): StringTable {
  const parts = strings.map((text) => {
    if (!text.isWellFormed()) throw new RangeError("a string with a lone surrogate");
    return ENCODER.encode(text);
  });
  const offsets = new Uint32Array(parts.length + 1);
  let end = 0;
  parts.forEach((part, at) => {
    end += part.length;
    if (end > 0xffffffff) throw new RangeError("more than 4 GiB of strings");
    offsets[at + 1] = end;
  });
  const bytes = new Uint8Array(end);
  parts.forEach((part, at) => bytes.set(part, offsets[at]));
  return { bytes, offsets };
}

/** The order in which a searched table must be packed: ascending by UTF-8 bytes. */
export function sortForSearch(strings: readonly string[]): string[] {
  return strings
    .map((text) => ({ text, bytes: ENCODER.encode(text) }))
    .sort((left, right) => compareBytes(left.bytes, right.bytes))
    .map(({ text }) => text);
}

export function stringCount({ offsets }: StringTable): number {
  return offsets.length - 1;
}

/** The string at `row`, 0-based. Throws RangeError outside the table. */
export function stringAt({ bytes, offsets }: StringTable, row: number): string {
  const begin = offsets[row];
  const end = offsets[row + 1];
  if (begin === undefined || end === undefined) throw new RangeError(`no string ${row}`);
  // A copy: decoding straight from shared memory is not allowed everywhere.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.slice(begin, end));
}

/** Row of `text` in a table that is strictly ascending by bytes, or -1. O(log n), nothing built. */
export function findString({ bytes, offsets }: StringTable, text: string): number {
  // Its encoding would be that of U+FFFD, which is another string.
  if (!text.isWellFormed()) return -1;
  const wanted = ENCODER.encode(text);
  let low = 0;
  let high = offsets.length - 2;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareAt(bytes, offsets[middle]!, offsets[middle + 1]!, wanted);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
