import { createHash, createHmac } from "node:crypto";

import type { ModelMetadata, ModelTensor } from "@signalpath/contracts";
import { ConfigError, createMemoryModelFiles, UnavailableError } from "@signalpath/ports";
import { describe, expect, test } from "vitest";

import { createInlineChecker } from "./checks/checker.ts";
import { encodePayload } from "./format/encode-payload.ts";
import { encodeMetadata } from "./format/metadata.ts";
import { createModelLoader, type ModelRow } from "./load.ts";
import { artefactPath, signArtefact, signPayload, writeArtefact } from "./sign.ts";
import { createKeyRing } from "./signing/key-ring.ts";
import {
  ed25519Rings,
  loadBytes,
  METADATA,
  plain,
  RING,
  smallTensors,
} from "./testing/artefact.ts";

const code = (code: string) => expect.objectContaining({ name: "ModelFileError", code });
const made = () => signArtefact({ metadata: METADATA, tensors: smallTensors() }, RING);

/** The row that names exactly these bytes. */
function rowFor(bytes: Uint8Array, changes: Partial<ModelRow> = {}): ModelRow {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const row = { model_id: 7, project_id: 3, version: 2, sha256, ...changes };
  return { ...row, file: artefactPath(row) };
}

/** A genuine file whose payload no writer of ours would make. */
function forged(tensors: [string, ModelTensor][], texts: Record<string, string> = {}) {
  const bytes = signPayload(
    encodePayload(tensors, { ...encodeMetadata(METADATA), ...texts }),
    RING,
  );
  return { bytes, row: rowFor(bytes) };
}

/** Two items, and rows of a sparse matrix over them. */
function sparseFile(indptr: number[], items: number[]) {
  return forged([
    ["item_ids.bytes", { shape: [2], data: Uint8Array.of(97, 98) }],
    ["item_ids.offsets", { shape: [3], data: Uint32Array.of(0, 1, 2) }],
    ["history.indptr", { shape: [indptr.length], data: Uint32Array.from(indptr) }],
    ["history.items", { shape: [items.length], data: Uint32Array.from(items) }],
  ]);
}

describe("entries of a sparse matrix", () => {
  test("are looked at once: whoever decodes them is told", async () => {
    const { bytes, row } = sparseFile([0, 2, 2, 3], [0, 1, 1]);
    const { scorer } = await loadBytes(bytes, row);
    expect(scorer.tensors.get("history.items")?.columnsBelow).toBe(2);
    expect(scorer.tensors.get("history.indptr")?.columnsBelow).toBeUndefined();
  });

  test.each([
    ["a column beyond the items", [0, 1], [2]],
    ["a column twice", [0, 2], [1, 1]],
    ["columns that fall", [0, 2], [1, 0]],
    ["rows that do not begin at 0", [1, 2], [0, 1]],
    ["rows that end early", [0, 2, 1, 2], [0, 1]],
    ["entries beyond the last row", [0, 1], [0, 1]],
  ])("%s: refused", async (_what, indptr, items) => {
    const { bytes, row } = sparseFile(indptr, items);
    await expect(loadBytes(bytes, row)).rejects.toEqual(code("MODEL_BOUNDS_INVALID"));
  });
});

describe("an artefact", () => {
  test("comes back as it was written, as views over one buffer", async () => {
    const { bytes, row } = made();
    const { metadata, scorer, bytes: held } = await loadBytes(bytes, row);
    expect(metadata).toEqual(METADATA);
    expect(plain(scorer.tensors)).toEqual(plain(smallTensors()));
    const buffers = new Set([...scorer.tensors.values()].map(({ data }) => data.buffer));
    expect(buffers.size).toBe(1);
    expect(held).toBe([...buffers][0]?.byteLength);
    for (const { data } of scorer.tensors.values()) expect(data.byteOffset % 64).toBe(0);
  });

  test("carries what is optional, and passes over what a later writer added", async () => {
    const metadata: ModelMetadata = {
      ...METADATA,
      embedding_space: "tips",
      parent: "7/1",
      git_version: "abc",
    };
    const { bytes, row } = signArtefact({ metadata, tensors: [] }, RING);
    expect((await loadBytes(bytes, row)).metadata).toEqual(metadata);
    const later = forged([], { something_new: "x" });
    expect((await loadBytes(later.bytes, later.row)).metadata).toEqual(METADATA);
  });

  test("signed by Ed25519 is verified by the public key alone", async () => {
    const { signs, verifies } = ed25519Rings();
    const { bytes, row } = signArtefact({ metadata: METADATA, tensors: smallTensors() }, signs);
    expect((await loadBytes(bytes, row, { ring: verifies })).metadata).toEqual(METADATA);
    expect(() => signArtefact({ metadata: METADATA, tensors: [] }, verifies)).toThrow(ConfigError);
    const other = ed25519Rings().verifies;
    await expect(loadBytes(bytes, row, { ring: other })).rejects.toEqual(
      code("MODEL_SIGNATURE_INVALID"),
    );
  });

  test("lies aligned in memory, however long its key id", async () => {
    for (let length = 1; length <= 64; length++) {
      const ring = createKeyRing({ signingKeys: `${"k".repeat(length)}:${"A".repeat(43)}=` });
      const { bytes, row } = signArtefact({ metadata: METADATA, tensors: smallTensors() }, ring);
      const { scorer } = await loadBytes(bytes, row, { ring });
      for (const { data } of scorer.tensors.values()) expect(data.byteOffset % 64).toBe(0);
    }
  });

  test("is written under its version and digest, once", async () => {
    const files = createMemoryModelFiles();
    const artefact = { metadata: METADATA, tensors: smallTensors() };
    const row = await writeArtefact(artefact, { ring: RING, files });
    expect(row.file).toBe(`7/2-${row.sha256.slice(0, 12)}.spm`);
    expect(await files.stat(row.file)).toEqual({ bytes: row.bytes });
    expect(await writeArtefact(artefact, { ring: RING, files })).toEqual(row);
  });
});

describe("refused", () => {
  test("a key that is not in the ring, and one of the other algorithm under its name", async () => {
    const { bytes, row } = made();
    const foreign = createKeyRing({ secretKey: "another" });
    await expect(loadBytes(bytes, row, { ring: foreign })).rejects.toEqual(
      code("MODEL_KEY_UNKNOWN"),
    );
    const key = "A".repeat(43);
    const hmac = createKeyRing({ signingKeys: `k1:${key}=` });
    const signed = signArtefact({ metadata: METADATA, tensors: [] }, hmac);
    await expect(
      loadBytes(signed.bytes, signed.row, { ring: ed25519Rings().verifies }),
    ).rejects.toEqual(code("MODEL_SIGNATURE_INVALID"));
  });

  test("the old version under the new row, and the reverse", async () => {
    const old = signArtefact({ metadata: { ...METADATA, version: 1 }, tensors: [] }, RING);
    const current = made();
    await expect(loadBytes(old.bytes, current.row)).rejects.toEqual(code("MODEL_DIGEST_MISMATCH"));
    await expect(loadBytes(current.bytes, old.row)).rejects.toEqual(code("MODEL_DIGEST_MISMATCH"));
    // A row that names the old file's digest as the new version: the header tells.
    await expect(loadBytes(old.bytes, rowFor(old.bytes))).rejects.toEqual(code("MODEL_MISMATCH"));
  });

  test.each<Partial<ModelRow>>([
    { model_id: 8 },
    { project_id: 4 },
    { version: 3 },
    { kind: "ease" },
  ])("an artefact of another %j", async (changes) => {
    const { bytes } = made();
    await expect(loadBytes(bytes, rowFor(bytes, changes))).rejects.toEqual(code("MODEL_MISMATCH"));
  });

  test.each([Number.NaN, Infinity, -Infinity])("%d among the numbers", async (number) => {
    for (const type of [Float32Array, Float64Array]) {
      for (const at of [0, 49, 99]) {
        const data = new type(100);
        data[at] = number;
        const tensors: [string, ModelTensor][] = [["x", { shape: [100], data }]];
        const { bytes, row } = forged(tensors);
        await expect(loadBytes(bytes, row)).rejects.toEqual(code("MODEL_NOT_FINITE"));
        expect(() => signArtefact({ metadata: METADATA, tensors }, RING)).toThrow(
          code("MODEL_NOT_FINITE"),
        );
      }
    }
  });

  test.each<[string, number[], number[]]>([
    ["offsets that begin late", [97], [1, 1]],
    ["offsets that end early", [97, 98], [0, 1]],
    ["offsets beyond the text", [97], [0, 2]],
    ["offsets that fall", [97, 98, 99], [0, 2, 1, 3]],
    ["text that is not UTF-8", [0xff], [0, 1]],
    ["a surrogate", [0xed, 0xa0, 0x80], [0, 3]],
    ["a string that begins inside a character", [0xc3, 0xa9], [0, 1, 2]],
    ["ids that fall", [98, 97], [0, 1, 2]],
    ["the same id twice", [97, 97], [0, 1, 2]],
    ["no offset at all", [], []],
  ])("a table of %s", async (_what, text, offsets) => {
    const { bytes, row } = forged([
      ["item_ids.bytes", { shape: [text.length], data: Uint8Array.from(text) }],
      ["item_ids.offsets", { shape: [offsets.length], data: Uint32Array.from(offsets) }],
    ]);
    await expect(loadBytes(bytes, row)).rejects.toEqual(code("MODEL_STRINGS_INVALID"));
  });

  test("half a table, and one of other types", async () => {
    const text: ModelTensor = { shape: [1], data: Uint8Array.of(97) };
    const offsets: ModelTensor = { shape: [2], data: Uint32Array.of(0, 1) };
    for (const tensors of [
      [["a.bytes", text]],
      [["a.offsets", offsets]],
      [
        ["a.bytes", offsets],
        ["a.offsets", text],
      ],
      [
        ["a.bytes", { ...text, shape: [1, 1] }],
        ["a.offsets", offsets],
      ],
    ] as [string, ModelTensor][][]) {
      const { bytes, row } = forged(tensors);
      await expect(loadBytes(bytes, row)).rejects.toEqual(code("MODEL_STRINGS_INVALID"));
    }
    // Order is asked of ids only.
    const { bytes, row } = forged([
      ["tags.bytes", { shape: [2], data: Uint8Array.of(98, 97) }],
      ["tags.offsets", { shape: [3], data: Uint32Array.of(0, 1, 2) }],
    ]);
    expect((await loadBytes(bytes, row)).scorer.tensors.size).toBe(2);
  });

  test.each<[string, string]>([
    ["schema", "2"],
    ["kind", "../x"],
    ["kind", ""],
    ["model_id", "0"],
    ["model_id", "07"],
    ["model_id", "7.0"],
    ["model_id", "9007199254740992"],
    ["version", "-1"],
    ["rows", "1e3"],
    ["created_at", "2026-01-31"],
    ["created_at", "yesterday"],
    ["data_digest", "AB".repeat(32)],
    ["hyperparameters", "[]"],
    ["hyperparameters", "{"],
    ["metrics", "null"],
    ["parent", "7"],
  ])("metadata whose %s is %j", async (key, text) => {
    const { bytes, row } = forged([], { [key]: text });
    await expect(loadBytes(bytes, row)).rejects.toEqual(code("MODEL_HEADER_INVALID"));
  });

  test("a kind nobody decodes, also one that every object has", async () => {
    const { bytes, row } = made();
    await expect(loadBytes(bytes, row, { kinds: {} })).rejects.toEqual(code("MODEL_KIND_UNKNOWN"));
    const hostile = forged([], { kind: "constructor" });
    await expect(loadBytes(hostile.bytes, hostile.row)).rejects.toEqual(code("MODEL_KIND_UNKNOWN"));
  });

  test("what its decoder refuses", async () => {
    const { bytes, row } = made();
    const decode = (): never => {
      throw new TypeError("no such tensor");
    };
    await expect(loadBytes(bytes, row, { kinds: { ials: { decode } } })).rejects.toMatchObject({
      code: "MODEL_DECODE_FAILED",
      cause: expect.any(TypeError),
    });
  });

  test("a file above the cap, and one that is not there", async () => {
    const { bytes, row } = made();
    await expect(loadBytes(bytes, row, { maxBytes: bytes.length - 1 })).rejects.toEqual(
      code("MODEL_TOO_LARGE"),
    );
    const load = (files = createMemoryModelFiles()) =>
      createModelLoader({ files, ring: RING, checker: createInlineChecker(), kinds: {} });
    await expect(load()(row)).rejects.toEqual(code("MODEL_FILE_MISSING"));
    await expect(load()({ ...row, file: `../${row.file}` })).rejects.toEqual(
      code("MODEL_PATH_REFUSED"),
    );
    const down = {
      ...createMemoryModelFiles(),
      read: () => Promise.reject(new UnavailableError("files", "down")),
    };
    await expect(load(down)(row)).rejects.toThrow(UnavailableError);
  });

  test("Recotem's files: genuine ones are to be converted, others are not ours", async () => {
    const pickle = Buffer.from([0x80, 4, 0x95, 1, 2, 3, 0x2e]);
    const mac = createHmac("sha256", "recotem secret").update(pickle).digest();
    const signed = Buffer.concat([mac, pickle]);
    const options = { recotemSecrets: ["another", "recotem secret"] };
    const load = (bytes: Uint8Array) => loadBytes(bytes, rowFor(bytes), options);
    await expect(load(signed)).rejects.toEqual(code("CONVERT_FIRST"));
    signed[0] = (signed[0] as number) ^ 1;
    await expect(load(signed)).rejects.toEqual(code("MODEL_SIGNATURE_INVALID"));
    await expect(load(pickle)).rejects.toEqual(code("MODEL_UNSIGNED"));
    await expect(loadBytes(signed, rowFor(signed))).rejects.toEqual(
      code("MODEL_SIGNATURE_INVALID"),
    );
  });
});
