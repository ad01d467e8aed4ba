import { createHash } from "node:crypto";

import type { ModelTensor } from "@signalpath/contracts";
import {
  createInlineChecker,
  createKeyRing,
  openArtefact,
  signArtefact,
  signPayload,
} from "@signalpath/model-loader";
import { createMemoryModelFiles } from "@signalpath/ports";
import { expect, it } from "vitest";

import { askPython, describeWithPython } from "./python.ts";

const SECRET = "a secret of both languages";
const ring = createKeyRing({ secretKey: SECRET });

const tensors = new Map<string, ModelTensor>([
  ["a", { shape: [3], data: Uint8Array.from([1, 2, 3]) }],
  ["item_ids.bytes", { shape: [3], data: Uint8Array.from([97, 0xc3, 0xa9]) }],
  ["item_ids.offsets", { shape: [3], data: Uint32Array.from([0, 1, 3]) }],
  ["f", { shape: [2, 2], data: Float32Array.from([1, -2, 0.5, 0]) }],
]);
const whole = signArtefact(
  {
    metadata: {
      kind: "popular",
      model_id: 7,
      project_id: 3,
      version: 2,
      created_at: "2026-01-31T12:00:00.000Z",
      data_digest: "ab".repeat(32),
      rows: 10,
      hyperparameters: {},
      metrics: { x: 0.25 },
      parent: "7/1",
    },
    tensors,
  },
  ring,
).bytes;
const payload = whole.slice(16 + whole[5]! + 32);

/** Same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A payload with one place of its header or data changed: mostly still JSON, seldom still right. */
function changedPayload(random: () => number): Uint8Array {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const text = Buffer.from(payload).toString("latin1");
  const swaps = [
    ["[3]", "[4]"],
    ["[2,2]", "[4]"],
    ["[2,2]", "[2,2,1,1,1]"],
    ["U8", "I8"],
    ["F32", "F64"],
    ["F32", "X32"],
    ["U32", "I32"],
    ['"a"', '"A"'],
    ['"a"', '"b"'],
    ["_pad.0", "_pad.7"],
    ["_pad.0", "_pad.x"],
    ["[0,3]", "[3,0]"],
    ["[0,3]", "[0,2]"],
    ["[0,3]", "[1,3]"],
    ["[0,3]", "[0.0,3]"],
    ["shape", "shape2"],
    ['"schema":"1"', '"schema":"2"'],
    ['"model_id":"7"', '"model_id":"07"'],
    ['"rows":"10"', '"rows":"-1"'],
    ['"parent":"7/1"', '"parent":"71"'],
    ["2026-01-31", "2026-02-31"],
    ['"kind":"popular"', '"kind":"Popular"'],
    ['{"x\\":0.25}', "[]"],
    ["abab", "ABAB"],
    ["item_ids.bytes", "item_ids.other"],
    ["popular", "popul\\u0061r"],
    [":", ": "],
  ] as const;
  if (random() < 0.5) {
    const [from, to] = pick(swaps);
    return repacked(text, from, to);
  }
  const changed = Uint8Array.from(payload);
  const at = Math.floor(random() * changed.length);
  changed[at] = random() < 0.3 ? 0xff : (changed[at]! ^ (1 << Math.floor(random() * 8))) & 0xff;
  return changed;
}

/** The header's text changed, then padded and measured anew: the change alone is wrong. */
function repacked(text: string, from: string, to: string): Uint8Array {
  const length = Number(Buffer.from(payload).readBigUInt64LE());
  const header = text
    .slice(8, 8 + length)
    .trimEnd()
    .replace(from, to);
  const padded = header.padEnd(Math.ceil((8 + header.length) / 64) * 64 - 8);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([head, Buffer.from(padded, "latin1"), payload.subarray(8 + length)]);
}

function changedFile(random: () => number): Uint8Array {
  const changed = Uint8Array.from(whole);
  if (random() < 0.3) return changed.slice(0, Math.floor(random() * changed.length));
  // Most of the envelope's own fields lie in the first bytes.
  const at = Math.floor(random() ** 3 * changed.length);
  changed[at] = random() < 0.3 ? 0 : (changed[at]! ^ (1 << Math.floor(random() * 8))) & 0xff;
  return changed;
}

async function verdictHere(bytes: Uint8Array): Promise<string> {
  const files = createMemoryModelFiles();
  await files.write("7/x.spm", bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const row = { model_id: 7, project_id: 3, version: 2, file: "7/x.spm", sha256 };
  try {
    await openArtefact(row, { files, ring, checker: createInlineChecker() });
    return "read";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const SCRIPT = `
import base64, json, os, sys
from signalpath import artifact
keys = artifact.keys_from(os.environ)
def verdict(text):
    try:
        found = artifact.decode(base64.b64decode(text), keys).metadata
    except artifact.ModelFileError as error:
        return error.code
    here = (found.model_id, found.project_id, found.version) == (7, 3, 2)
    return "read" if here else "MODEL_MISMATCH"
json.dump([verdict(text) for text in json.load(sys.stdin)], sys.stdout)
`;

describeWithPython("both languages refuse the same artefacts by the same code", () => {
  it.each([1, 2, 3])(
    "seed %i",
    async (seed) => {
      const random = randomOf(seed);
      const files = [whole];
      for (let n = 0; n < 300; n++) {
        files.push(n % 2 === 0 ? signPayload(changedPayload(random), ring) : changedFile(random));
      }
      const here: string[] = [];
      for (const file of files) here.push(await verdictHere(file));
      const there = (await askPython(SCRIPT, {
        env: { SECRET_KEY: SECRET },
        input: files.map((file) => Buffer.from(file).toString("base64")),
      })) as string[];
      const differing = here
        .map((verdict, at) => ({ at, typescript: verdict, python: there[at] }))
        .filter(({ typescript, python }) => typescript !== python);
      expect(differing).toEqual([]);
      expect(here[0]).toBe("read");
      // Not one code alone: the changes reach every stage of the checks.
      expect(new Set(here)).toContain("MODEL_SIGNATURE_INVALID");
      expect(new Set(here)).toContain("MODEL_HEADER_INVALID");
      expect(new Set(here)).toContain("MODEL_BOUNDS_INVALID");
      expect(new Set(here)).toContain("MODEL_TRUNCATED");
    },
    120_000,
  );
});
