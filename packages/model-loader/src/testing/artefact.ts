import { generateKeyPairSync } from "node:crypto";

import {
  encodeStrings,
  type ModelMetadata,
  type ModelTensor,
  type ModelView,
} from "@signalpath/contracts";
import { createMemoryModelFiles } from "@signalpath/ports";

import { createInlineChecker } from "../checks/checker.ts";
import { createModelLoader, type ModelLoaderOptions, type ModelRow } from "../load.ts";
import { createKeyRing, type KeyRing } from "../signing/key-ring.ts";

export const METADATA: ModelMetadata = {
  kind: "ials",
  model_id: 7,
  project_id: 3,
  version: 2,
  created_at: "2026-01-31T12:00:00.000Z",
  data_digest: "ab".repeat(32),
  rows: 10,
  hyperparameters: { factors: 2, "\u00E9": [1, null] },
  metrics: { ndcg: 0.25 },
};

export const RING: KeyRing = createKeyRing({ secretKey: "a secret of the tests" });

/** A ring of a new Ed25519 key, and one that only verifies what the first signs. */
export function ed25519Rings(): { signs: KeyRing; verifies: KeyRing } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pkcs8 = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
  const spki = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  return {
    signs: createKeyRing({ signingKeys: `k1:${pkcs8}` }),
    verifies: createKeyRing({ signingKeys: `k1:${spki}` }),
  };
}

/** Every dtype, an empty tensor, a scalar, two tables of ids. */
export function smallTensors(): [string, ModelTensor][] {
  const table = (name: string, strings: readonly string[]): [string, ModelTensor][] => {
    const { bytes, offsets } = encodeStrings(strings);
    return [
      [`${name}.bytes`, { shape: [bytes.length], data: bytes }],
      [`${name}.offsets`, { shape: [offsets.length], data: offsets }],
    ];
  };
  return [
    ...table("user_ids", ["a", "b", "\u00E9"]),
    ...table("item_ids", ["10", "9"]),
    ["user_factors", { shape: [3, 2], data: Float32Array.from([1, -2, 0.5, 4, 5, 6]) }],
    ["empty", { shape: [0, 64], data: new Float32Array(0) }],
    ["scale", { shape: [], data: Float64Array.from([1e300]) }],
    ["i32", { shape: [2], data: Int32Array.from([-1, 2 ** 31 - 1]) }],
    ["i16", { shape: [1], data: Int16Array.from([-32_768]) }],
    ["u16", { shape: [1, 1, 1, 1], data: Uint16Array.from([65_535]) }],
    ["i8", { shape: [3], data: Int8Array.from([-128, 0, 127]) }],
  ];
}

/** Tensors as plain values, to compare. */
export function plain(
  tensors: Iterable<readonly [string, ModelTensor]>,
): Record<string, { type: string; shape: number[]; numbers: number[] }> {
  return Object.fromEntries(
    [...tensors].map(([name, { shape, data }]) => [
      name,
      { type: data.constructor.name, shape: [...shape], numbers: [...data] },
    ]),
  );
}

/** Loads bytes as the artefact of a row; the scorer is the view itself. */
export async function loadBytes(
  bytes: Uint8Array,
  row: ModelRow,
  options: Partial<ModelLoaderOptions<ModelView>> = {},
) {
  const files = createMemoryModelFiles();
  await files.write(row.file, bytes);
  const load = createModelLoader<ModelView>({
    files,
    ring: RING,
    checker: createInlineChecker(),
    kinds: { ials: { decode: (view) => view } },
    ...options,
  });
  return load(row);
}
