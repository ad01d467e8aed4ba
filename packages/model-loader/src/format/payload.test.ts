import { encodeStrings, MODEL_DTYPES, type ModelTensor } from "@signalpath/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { plain, smallTensors } from "../testing/artefact.ts";
import { encodePayload } from "./encode-payload.ts";
import { parseLayout, viewTensors } from "./parse-payload.ts";

const code = (code: string) => expect.objectContaining({ name: "ModelFileError", code });

/** A payload of this header text, padded as the format says, and so many bytes of data. */
function payloadOf(header: string, data = new Uint8Array(0)): Uint8Array {
  const text = Buffer.from(header);
  const length = Math.ceil((8 + text.length) / 64) * 64 - 8;
  const payload = Buffer.alloc(8 + length + data.length, 0x20);
  payload.writeBigUInt64LE(BigInt(length));
  payload.set(text, 8);
  payload.set(data, 8 + length);
  return payload;
}

const meta = '"__metadata__":{}';
const tensor = (begin: number, end: number, shape = `[${end - begin}]`, dtype = "U8") =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

const tensors = fc.uniqueArray(
  fc.tuple(
    fc.stringMatching(/^[a-z][a-z0-9_]{0,63}$/),
    fc.constantFrom(...Object.values(MODEL_DTYPES)).chain((type) =>
      fc.uint8Array({ maxLength: 200 }).map((bytes): ModelTensor => {
        const size = type.BYTES_PER_ELEMENT;
        const data = new type(bytes.slice(0, bytes.length - (bytes.length % size)).buffer);
        return { shape: data.length % 2 === 0 ? [2, data.length / 2] : [data.length], data };
      }),
    ),
  ),
  { selector: ([name]) => name, maxLength: 20 },
);
const texts = fc.dictionary(
  fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/),
  fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
);

describe("a payload", () => {
  test("gives back every tensor and text", () => {
    fc.assert(
      fc.property(tensors, texts, (made, metadata) => {
        const payload = encodePayload(made, metadata);
        const layout = parseLayout(payload);
        expect(layout.metadata).toEqual({ ...metadata });
        expect(plain(viewTensors(payload, layout))).toEqual(plain(made));
        expect(layout.dataAt % 64).toBe(0);
        for (const { begin } of layout.tensors) expect(begin % 64).toBe(0);
      }),
    );
  });

  test("views share the payload's memory", () => {
    const payload = encodePayload(smallTensors(), {});
    const views = viewTensors(payload, parseLayout(payload));
    for (const { data } of views.values()) expect(data.buffer).toBe(payload.buffer);
  });

  test("has exactly these bytes", () => {
    const data = Uint8Array.from([1, 2, 3]);
    const payload = encodePayload(
      [
        ["a", { shape: [3], data }],
        ["b", { shape: [1], data: Float32Array.from([1]) }],
      ],
      { schema: "1" },
    );
    const header =
      '{"__metadata__":{"schema":"1"},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},' +
      '"_pad.0":{"dtype":"U8","shape":[61],"data_offsets":[3,64]},' +
      '"b":{"dtype":"F32","shape":[1],"data_offsets":[64,68]}}';
    const expected = Buffer.alloc(256 + 68);
    expected.writeBigUInt64LE(248n);
    expected.write(header.padEnd(248), 8);
    expected.set(data, 256);
    expected.writeFloatLE(1, 256 + 64);
    expect(Buffer.from(payload).equals(expected)).toBe(true);
  });

  test.each<[string, string, number]>([
    ["an empty header", "", 0],
    ["no object", "[]", 0],
    ["no JSON", '{"__metadata__":{}', 0],
    ["too deep to read", "[".repeat(500_000), 0],
    ["no metadata", "{}", 0],
    ["metadata that is no text", '{"__metadata__":{"a":1}}', 0],
    ["white space inside", '{ "__metadata__":{}}', 0],
    ["white space in front", ' {"__metadata__":{}}', 0],
    ["the same key twice", `{${meta},"a":${tensor(0, 1)},"a":${tensor(0, 1)}}`, 1],
    ["metadata twice", `{${meta},${meta}}`, 0],
    [
      "the same field twice",
      `{${meta},"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}`,
      1,
    ],
    ["the same text twice", '{"__metadata__":{"a":"1","a":"2"}}', 0],
    ["a needless escape", `{${meta},"\\u0061":${tensor(0, 1)}}`, 1],
    ["a key of __proto__", `{${meta},"__proto__":${tensor(0, 1)}}`, 1],
    ["a key of capitals", `{${meta},"A":${tensor(0, 1)}}`, 1],
    ["a fourth field", `{${meta},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}`, 1],
    ["a missing field", `{${meta},"a":{"dtype":"U8","shape":[1]}}`, 1],
    ["an unknown dtype", `{${meta},"a":${tensor(0, 2, "[1]", "F16")}}`, 2],
    ["a dtype of every object", `{${meta},"a":${tensor(0, 1, "[1]", "constructor")}}`, 1],
    ["a float offset", `{${meta},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1.5]}}`, 1],
    ["an offset of 1.0", `{${meta},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1.0]}}`, 1],
    ["a negative offset", `{${meta},"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}`, 1],
    ["three offsets", `{${meta},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}`, 1],
    ["an offset of 2^53", `{${meta},"a":${tensor(0, 9007199254740992, "[1]")}}`, 1],
    [
      "an offset of 2^64",
      `{${meta},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551616]}}`,
      1,
    ],
    ["a shape that is no list", `{${meta},"a":${tensor(0, 1, "1")}}`, 1],
    ["a negative dimension", `{${meta},"a":${tensor(0, 1, "[-1]")}}`, 1],
    ["five dimensions", `{${meta},"a":${tensor(0, 1, "[1,1,1,1,1]")}}`, 1],
    ["a dimension of 2^32", `{${meta},"a":${tensor(0, 1, "[4294967296]")}}`, 1],
    ["a tensor that is null", `{${meta},"a":null}`, 0],
  ])("refuses a header of %s", (_what, header, bytes) => {
    expect(() => parseLayout(payloadOf(header, new Uint8Array(bytes)))).toThrow(
      code("MODEL_HEADER_INVALID"),
    );
  });

  test.each<[string, string, number]>([
    ["an overlap", `{${meta},"a":${tensor(0, 64)},"b":${tensor(32, 96)}}`, 96],
    ["one inside another", `{${meta},"a":${tensor(0, 64)},"b":${tensor(0, 32)}}`, 64],
    ["the same place twice", `{${meta},"a":${tensor(0, 64)},"b":${tensor(0, 64)}}`, 64],
    ["a hole", `{${meta},"a":${tensor(0, 64)},"b":${tensor(128, 192)}}`, 192],
    ["a hole in front", `{${meta},"a":${tensor(64, 128)}}`, 128],
    ["bytes after the last", `{${meta},"a":${tensor(0, 64)}}`, 65],
    ["bytes without a tensor", `{${meta}}`, 1],
    ["an end beyond the file", `{${meta},"a":${tensor(0, 64)}}`, 63],
    ["an end before the begin", `{${meta},"a":${tensor(64, 0, "[64]")}}`, 64],
    ["a tensor unaligned", `{${meta},"a":${tensor(0, 3)},"b":${tensor(3, 7)}}`, 7],
    ["a shape of other size", `{${meta},"a":${tensor(0, 4, "[5]")}}`, 4],
    ["a dtype of other size", `{${meta},"a":${tensor(0, 4, "[4]", "F32")}}`, 4],
    [
      "a shape beyond counting",
      `{${meta},"a":${tensor(0, 4, "[4294967295,4294967295,4294967295,4294967295]")}}`,
      4,
    ],
    ["padding of 64 bytes", `{${meta},"_pad.0":${tensor(0, 64)}}`, 64],
    ["padding of no bytes", `{${meta},"_pad.0":${tensor(0, 0)}}`, 0],
    ["padding of another dtype", `{${meta},"_pad.0":${tensor(0, 4, "[4]", "I8")}}`, 4],
  ])("refuses %s", (_what, header, bytes) => {
    expect(() => parseLayout(payloadOf(header, new Uint8Array(bytes)))).toThrow(
      code("MODEL_BOUNDS_INVALID"),
    );
  });

  test("refuses padding that hides bytes", () => {
    const header = `{${meta},"a":${tensor(0, 3)},"_pad.0":${tensor(3, 64)},"b":${tensor(64, 65)}}`;
    const data = new Uint8Array(65);
    expect(parseLayout(payloadOf(header, data)).tensors.map(({ name }) => name)).toEqual([
      "a",
      "b",
    ]);
    data[40] = 1;
    expect(() => parseLayout(payloadOf(header, data))).toThrow(code("MODEL_BOUNDS_INVALID"));
  });

  test.each([
    0n,
    1n,
    2n ** 20n + 1n,
    2n ** 31n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n,
    2n ** 64n - 1n,
  ])("refuses a header of %i bytes", (length) => {
    const payload = Buffer.from(payloadOf(`{${meta}}`));
    payload.writeBigUInt64LE(length);
    expect(() => parseLayout(payload)).toThrow(code("MODEL_HEADER_INVALID"));
  });

  test("refuses bytes that are not UTF-8, and an unaligned begin of the data", () => {
    const broken = payloadOf(`{"__metadata__":{"a":"x"}}`);
    broken[broken.indexOf("x".charCodeAt(0))] = 0xff;
    expect(() => parseLayout(broken)).toThrow(code("MODEL_HEADER_INVALID"));
    const short = Buffer.concat([Buffer.alloc(8), Buffer.from(`{${meta}}`)]);
    short.writeBigUInt64LE(BigInt(short.length - 8));
    expect(() => parseLayout(short)).toThrow(code("MODEL_HEADER_INVALID"));
  });

  test("refuses to encode what it would not read", () => {
    const { bytes } = encodeStrings(["a"]);
    const one: ModelTensor = { shape: [1], data: bytes };
    const bad: [string, ModelTensor][][] = [
      [["_pad.0", one]],
      [["A", one]],
      [
        ["a", one],
        ["a", one],
      ],
      [["a", { shape: [2], data: bytes }]],
      [["a", { shape: [1], data: new Uint8ClampedArray(1) as never }]],
      Array.from({ length: 257 }, (_, at) => [`t${at}`, one]),
    ];
    for (const made of bad) expect(() => encodePayload(made, {})).toThrow(RangeError);
    expect(() => encodePayload([], { "a b": "" })).toThrow(RangeError);
    expect(() => encodePayload([], { a: "\uD800" })).toThrow(RangeError);
    expect(() => encodePayload([], { a: "x".repeat(2 ** 20) })).toThrow(RangeError);
  });
});
