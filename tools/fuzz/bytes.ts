import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";

import fc from "fast-check";

/** A body and what its headers say of it. */
export interface Packed {
  bytes: Buffer;
  headers: Record<string, string>;
}

/** JSON text at any depth; lone surrogates stay escapes, as a hostile sender writes them. */
export function jsonOf(value: unknown): string {
  const parts: string[] = [];
  const stack: (string | { value: unknown })[] = [{ value }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (typeof top === "string") parts.push(top);
    else if (typeof top.value !== "object" || top.value === null) {
      parts.push(JSON.stringify(top.value) ?? "null");
    } else stack.push(...membersOf(top.value).reverse());
  }
  return parts.join("");
}

function membersOf(value: object): (string | { value: unknown })[] {
  const isArray = Array.isArray(value);
  const keys = isArray ? [...value.keys()] : Object.keys(value);
  const members = keys.flatMap((key, index) => [
    `${index === 0 ? "" : ","}${isArray ? "" : `${JSON.stringify(String(key))}:`}`,
    { value: Object.getOwnPropertyDescriptor(value, key)?.value as unknown },
  ]);
  return [isArray ? "[" : "{", ...members, isArray ? "]" : "}"];
}

/** What happens to the text of a body on its way. */
const textFault: fc.Arbitrary<(text: string) => string> = fc.oneof(
  { weight: 60, arbitrary: fc.constant((text: string) => text) },
  { weight: 1, arbitrary: fc.constant((text: string) => `\ufeff${text}`) },
  { weight: 1, arbitrary: fc.constant((text: string) => `\r\n ${text}\r\n`) },
  { weight: 1, arbitrary: fc.constant((text: string) => `${text}${text}`) },
  { weight: 1, arbitrary: fc.constant((text: string) => `${text}\n${text}`) },
  {
    weight: 1,
    arbitrary: fc.nat().map((at) => (text: string) => text.slice(0, at % (text.length + 1))),
  },
  {
    // A key given twice, in front of the others.
    weight: 2,
    arbitrary: fc
      .constantFrom(
        '"userId":"first",',
        '"type":null,',
        '"__proto__":{"polluted":1},',
        '"a":1,"a":2,',
        '"n":1e999,',
      )
      .map((members) => (text: string) => text.replace("{", `{${members}`)),
  },
);

const byteFault: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc.oneof(
  { weight: 40, arbitrary: fc.constant((bytes: Buffer) => bytes) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => (bytes: Buffer) => {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.nat(),
        fc.constantFrom([0xc3, 0x28], [0xed, 0xa0, 0x80], [0xff], [0], [0xf4, 0x90, 0x80, 0x80]),
      )
      .map(([at, bad]) => (bytes: Buffer) => {
        const place = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, place), Buffer.from(bad), bytes.subarray(place)]);
      }),
  },
);

// The quickest level: what is tested is the reading.
const pack = {
  gzip: (bytes: Buffer) => gzipSync(bytes, { level: 1 }),
  deflate: (bytes: Buffer) => deflateSync(bytes, { level: 1 }),
  br: (bytes: Buffer) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
};
type Packing = keyof typeof pack;
const packing = fc.constantFrom<Packing>("gzip", "deflate", "br");

/** Right, wrong, doubled, cut off and unheard-of encodings. */
const encoding: fc.Arbitrary<(bytes: Buffer) => Packed> = fc.oneof(
  { weight: 60, arbitrary: fc.constant((bytes: Buffer) => ({ bytes, headers: {} })) },
  { weight: 8, arbitrary: packing.map((as) => (bytes: Buffer) => named(pack[as](bytes), as)) },
  { weight: 1, arbitrary: packing.map((as) => (bytes: Buffer) => named(bytes, as)) },
  {
    weight: 1,
    arbitrary: fc.tuple(packing, packing).map(
      ([as, said]) =>
        (bytes: Buffer) =>
          named(pack[as](bytes), said),
    ),
  },
  {
    weight: 1,
    arbitrary: packing.map((as) => (bytes: Buffer) => named(pack[as](pack[as](bytes)), as)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(packing, fc.nat()).map(([as, at]) => (bytes: Buffer) => {
      const whole = pack[as](bytes);
      return named(whole.subarray(0, at % whole.length), as);
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        "zstd",
        "gzip, gzip",
        "GZIP",
        "x-gzip",
        "identity",
        "",
        "__proto__",
        "constructor",
        "toString",
      )
      .map((said) => (bytes: Buffer) => named(bytes, said)),
  },
);

function named(bytes: Buffer, encodingName: string): Packed {
  return { bytes, headers: { "content-encoding": encodingName } };
}

/** Bodies that carry values of `values` as JSON, most of them whole. */
export function bodiesOf(values: fc.Arbitrary<unknown>, write = jsonOf): fc.Arbitrary<Packed> {
  return fc
    .tuple(values, textFault, byteFault, encoding)
    .map(([value, spoil, flip, packed]) => packed(flip(Buffer.from(spoil(write(value))))));
}

/** Bytes that were never JSON. */
export const garbage: fc.Arbitrary<Packed> = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => ({ bytes: Buffer.from(bytes), headers: {} })),
  fc
    .constantFrom(
      "",
      " ",
      "null",
      "true",
      "0",
      '""',
      "[",
      "{}",
      "[]",
      "[[]]",
      "<xml/>",
      "a=b&c=d",
      "undefined",
      "NaN",
      '{"a":}',
      "\0",
      "[,]",
      "0x10",
      "'",
    )
    .map((text) => ({ bytes: Buffer.from(text), headers: {} })),
  fc.nat({ max: 120_000 }).map((n) => ({ bytes: Buffer.from("[".repeat(n)), headers: {} })),
);
