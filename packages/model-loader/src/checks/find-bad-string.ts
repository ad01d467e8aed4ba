import { isUtf8 } from "node:buffer";

import type { Fault, StringSpans } from "./task.ts";

/** The first table of strings that cannot be read, or searched, as it says. */
export function findBadString(
  buffer: ArrayBufferLike,
  tables: readonly StringSpans[],
): Fault | undefined {
  for (const table of tables) {
    const bytes = new Uint8Array(buffer, table.bytes.at, table.bytes.bytes);
    const offsets = new Uint32Array(buffer, table.offsets.at, table.offsets.bytes / 4);
    const wrong =
      badOffset(offsets, bytes.length) ??
      badText(bytes, offsets) ??
      (table.ascending ? badOrder(bytes, offsets) : undefined);
    if (wrong !== undefined) {
      return { code: "MODEL_STRINGS_INVALID", message: `${table.name}: ${wrong}` };
    }
  }
  return undefined;
}

function badOffset(offsets: Uint32Array, end: number): string | undefined {
  if (offsets[0] !== 0 || offsets.at(-1) !== end) return "offsets that do not span the text";
  for (let at = 1; at < offsets.length; at++) {
    if ((offsets[at] as number) < (offsets[at - 1] as number)) return "offsets that fall";
  }
  return undefined;
}

function badText(bytes: Uint8Array, offsets: Uint32Array): string | undefined {
  if (!isUtf8(bytes)) return "not UTF-8";
  // Well-formed as a whole, so each string is when none begins inside a character.
  for (const offset of offsets) {
    if (((bytes[offset] ?? 0) & 0xc0) === 0x80) return "a string that begins inside a character";
  }
  return undefined;
}

function badOrder(bytes: Uint8Array, offsets: Uint32Array): string | undefined {
  const from = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let row = 1; row + 1 < offsets.length; row++) {
    const [a, b, c] = [offsets[row - 1], offsets[row], offsets[row + 1]] as [
      number,
      number,
      number,
    ];
    if (from.compare(from, b, c, a, b) >= 0) return "ids that are not strictly ascending";
  }
  return undefined;
}
