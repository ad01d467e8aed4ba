import { createHash } from "node:crypto";

import { MODEL_FILE_CODES, ModelFileError } from "@signalpath/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseLayout } from "./format/parse-payload.ts";
import type { ModelRow } from "./load.ts";
import { artefactPath, signArtefact, signPayload } from "./sign.ts";
import { ed25519Rings, loadBytes, METADATA, RING, smallTensors } from "./testing/artefact.ts";

const ED25519 = ed25519Rings();
const SIGNED = [
  { name: "HMAC-SHA256", sign: RING, verify: RING },
  { name: "Ed25519", sign: ED25519.signs, verify: ED25519.verifies },
];

/** Loads damaged bytes; a typed refusal is the only answer allowed, whatever the row says. */
async function codeOf(bytes: Uint8Array, row: ModelRow, ring = RING): Promise<string> {
  try {
    await loadBytes(bytes, row, { ring });
  } catch (error) {
    if (error instanceof ModelFileError) return error.code;
    throw error;
  }
  return "SERVED";
}

/** The row an attacker who also owned the catalogue would write: its digest fits the bytes. */
function fitted(row: ModelRow, bytes: Uint8Array): ModelRow {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { ...row, sha256, file: artefactPath({ ...row, sha256 }) };
}

function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] as number) ^ mask;
  return copy;
}

describe.each(SIGNED)("damage to an artefact signed by $name", ({ sign, verify }) => {
  const { bytes, row } = signArtefact({ metadata: METADATA, tensors: smallTensors() }, sign);

  test("every length it can be cut to, and bytes after its end", async () => {
    const codes = new Set<string>();
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.slice(0, length);
      codes.add(await codeOf(cut, fitted(row, cut), verify));
    }
    const long = Buffer.concat([bytes, Buffer.alloc(1)]);
    codes.add(await codeOf(long, fitted(row, long), verify));
    expect([...codes]).toEqual(["MODEL_TRUNCATED"]);
  });

  test("every bit of every byte, whether the row's digest fits or not", async () => {
    const codes = new Set<string>();
    for (let at = 0; at < bytes.length; at++) {
      // All bits of the envelope, one bit of each byte after it.
      const bits = at < 200 ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8];
      for (const bit of bits) {
        const damaged = flipped(bytes, at, 1 << bit);
        codes.add(await codeOf(damaged, fitted(row, damaged), verify));
        if (bit === 0) codes.add(await codeOf(damaged, row, verify));
      }
    }
    expect([...codes].sort()).toEqual(
      expect.arrayContaining(["MODEL_KEY_UNKNOWN", "MODEL_NOT_AN_ARTEFACT", "MODEL_TRUNCATED"]),
    );
    expect(codes).not.toContain("SERVED");
  });

  test.each([0n, 2n ** 31n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n])(
    "a payload of %i bytes announced",
    async (length) => {
      const damaged = Buffer.from(bytes);
      const payloadAt = 16 + (bytes[5] as number) + (sign === RING ? 32 : 64);
      damaged.writeBigUInt64LE(length, payloadAt - 8);
      expect(await codeOf(damaged, fitted(row, damaged), verify)).toBe("MODEL_TRUNCATED");
    },
  );

  test("no signature, no algorithm, no key id", async () => {
    for (const at of [4, 5]) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = 0;
      expect(await codeOf(damaged, fitted(row, damaged), verify)).toBe("MODEL_UNSIGNED");
    }
    const damaged = Uint8Array.from(bytes);
    damaged.fill(0, 6 + (bytes[5] as number), 8 + (bytes[5] as number));
    expect(await codeOf(damaged, fitted(row, damaged), verify)).toBe("MODEL_UNSIGNED");
  });
});

describe("damage that was signed", () => {
  // What a key that leaked, or a writer with a fault, could sign: the parser stands alone.
  const { bytes, row } = signArtefact({ metadata: METADATA, tensors: smallTensors() }, RING);
  const payload = bytes.slice(16 + (bytes[5] as number) + 32);
  const headerBytes = parseLayout(payload).dataAt;
  const resign = (damaged: Uint8Array): [Uint8Array, ModelRow] => {
    const signed = signPayload(damaged, RING);
    return [signed, fitted(row, signed)];
  };
  const known = new Set<string>([...MODEL_FILE_CODES, "SERVED"]);

  test("every byte of the header, four ways", async () => {
    for (let at = 0; at < headerBytes; at++) {
      for (const mask of [1, 0x10, 0x20, 0x80]) {
        const damaged = flipped(payload, at, mask);
        expect(known).toContain(await codeOf(...resign(damaged)));
      }
    }
  });

  test("every length the payload can be cut to", async () => {
    for (let length = 0; length < payload.length; length++) {
      expect(await codeOf(...resign(payload.slice(0, length)))).toMatch(
        /^MODEL_(?:HEADER|BOUNDS)_/,
      );
    }
  });

  test("any number in place of any number of the header", async () => {
    const text = Buffer.from(payload.slice(8, headerBytes)).toString();
    // Of the tensors, but not how wide the empty one is: it holds nothing however wide.
    const numbers = [...text.matchAll(/(?<=[[,])\d+(?=[\],])/g)].filter(
      ({ index }) =>
        index > text.indexOf('"user_ids.bytes"') && !text.slice(0, index).endsWith('"shape":[0,'),
    );
    expect(numbers.length).toBeGreaterThan(40);
    const number = fc.constantFrom(
      "0",
      "1",
      "63",
      "65",
      "4294967295",
      "9007199254740993",
      "1e400",
      "-1",
    );
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: numbers.length - 1 }), number, async (which, replacement) => {
        const match = numbers[which];
        if (match === undefined || match[0] === replacement) return;
        const end = match.index + match[0].length;
        const changed = (text.slice(0, match.index) + replacement + text.slice(end)).trimEnd();
        const header = Buffer.alloc(Math.ceil((8 + changed.length) / 64) * 64, 0x20);
        header.writeBigUInt64LE(BigInt(header.length - 8));
        header.write(changed, 8);
        const damaged = Buffer.concat([header, payload.slice(headerBytes)]);
        expect(await codeOf(...resign(damaged))).toMatch(/^MODEL_(?:HEADER|BOUNDS|STRINGS)_/);
      }),
      { numRuns: 300 },
    );
  });

  test("bytes of chance", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
        expect(await codeOf(noise, fitted(row, noise))).not.toBe("SERVED");
        expect(await codeOf(...resign(noise))).toMatch(/^MODEL_HEADER_/);
      }),
    );
  });
});
