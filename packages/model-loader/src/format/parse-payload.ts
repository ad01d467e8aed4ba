import { MODEL_DTYPES, type ModelTensor } from "@signalpath/contracts";

import { refuse } from "./fail.ts";
import {
  ALIGNMENT,
  isDtype,
  isMetadataKey,
  isPadName,
  isTensorName,
  type Layout,
  MAX_DIMENSION,
  MAX_DIMENSIONS,
  MAX_HEADER_BYTES,
  MAX_TENSORS,
  METADATA,
  type TensorEntry,
  tensorBytes,
} from "./layout.ts";

const bad = (message: string, cause?: unknown): never =>
  refuse("MODEL_HEADER_INVALID", message, cause);

/** Reads header and bounds of a payload. Throws ModelFileError. Numbers are not looked at. */
export function parseLayout(payload: Uint8Array): Layout {
  const { text, dataAt } = headerText(payload);
  const { [METADATA]: metadata, ...rest } = parseCanonical(text);
  const names = Object.keys(rest);
  if (names.filter(isTensorName).length > MAX_TENSORS) bad(`more than ${MAX_TENSORS} tensors`);
  const entries = names.map((name) => entryOf(name, rest[name]));
  entries.sort((left, right) => left.begin - right.begin || left.end - right.end);
  assertCovered(entries, payload.length - dataAt);
  for (const entry of entries) assertPlace(entry, payload, dataAt);
  const tensors = entries.filter(({ name }) => !isPadName(name));
  return { metadata: textsOf(metadata), tensors, dataAt };
}

/** Typed arrays over the payload, which must begin at a multiple of 64 of its buffer. */
export function viewTensors(payload: Uint8Array, layout: Layout): Map<string, ModelTensor> {
  return new Map(
    layout.tensors.map(({ name, dtype, shape, begin, end }) => {
      const type = MODEL_DTYPES[dtype];
      const at = payload.byteOffset + layout.dataAt + begin;
      const data = new type(
        payload.buffer as ArrayBuffer,
        at,
        (end - begin) / type.BYTES_PER_ELEMENT,
      );
      return [name, { shape, data }];
    }),
  );
}

function headerText(payload: Uint8Array): { text: string; dataAt: number } {
  if (payload.length < 10) bad("no header");
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) bad(`a header of ${length} bytes`);
  const dataAt = 8 + Number(length);
  if (dataAt > payload.length) bad("the header does not end");
  if (dataAt % ALIGNMENT !== 0) bad("the data is not aligned");
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(payload.slice(8, dataAt)).replace(/ +$/, ""), dataAt };
  } catch (error) {
    return bad("the header is not UTF-8", error);
  }
}

/** JSON in the one form it can have: whoever repeats a key or hides a number is refused. */
function parseCanonical(text: string): Record<string, unknown> {
  let value: unknown;
  let again: string;
  try {
    value = JSON.parse(text);
    again = JSON.stringify(value);
  } catch (error) {
    return bad("the header is not JSON", error);
  }
  if (again !== text) bad("the header is not canonical JSON");
  return isObject(value) ? value : bad("the header is no object");
}

function textsOf(metadata: unknown): Record<string, string> {
  if (!isObject(metadata)) return bad("no metadata");
  for (const [key, value] of Object.entries(metadata)) {
    if (!isMetadataKey(key) || typeof value !== "string") bad("metadata that is no text");
  }
  return metadata as Record<string, string>;
}

function entryOf(name: string, value: unknown): TensorEntry {
  if (!isTensorName(name) && !isPadName(name)) bad("a tensor of a forbidden name");
  if (!isObject(value) || Object.keys(value).length !== 3) return bad(`${name}: not three fields`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) return bad(`${name}: unknown dtype`);
  if (!isCounts(shape, MAX_DIMENSION) || shape.length > MAX_DIMENSIONS)
    return bad(`${name}: shape`);
  if (!isCounts(offsets, Number.MAX_SAFE_INTEGER)) return bad(`${name}: offsets`);
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin === undefined || end === undefined) {
    return bad(`${name}: offsets`);
  }
  return { name, dtype, shape, begin, end };
}

function assertCovered(entries: readonly TensorEntry[], dataBytes: number): void {
  let end = 0;
  for (const entry of entries) {
    if (entry.end < entry.begin) refuse("MODEL_BOUNDS_INVALID", `${entry.name} ends early`);
    if (entry.begin < end) refuse("MODEL_BOUNDS_INVALID", `${entry.name} overlaps`);
    if (entry.begin > end) refuse("MODEL_BOUNDS_INVALID", `a hole before ${entry.name}`);
    if (entry.end - entry.begin !== tensorBytes(entry.dtype, entry.shape)) {
      refuse("MODEL_BOUNDS_INVALID", `${entry.name}: size and shape differ`);
    }
    end = entry.end;
  }
  if (end !== dataBytes) refuse("MODEL_BOUNDS_INVALID", `${end} bytes named, ${dataBytes} there`);
}

function assertPlace(entry: TensorEntry, payload: Uint8Array, dataAt: number): void {
  if (!isPadName(entry.name)) {
    if (entry.begin % ALIGNMENT !== 0) refuse("MODEL_BOUNDS_INVALID", `${entry.name} is unaligned`);
    return;
  }
  const bytes = payload.subarray(dataAt + entry.begin, dataAt + entry.end);
  const isPadding =
    entry.dtype === "U8" &&
    entry.shape.length === 1 &&
    bytes.length > 0 &&
    bytes.length < ALIGNMENT &&
    bytes.every((byte) => byte === 0);
  if (!isPadding) refuse("MODEL_BOUNDS_INVALID", `${entry.name} is no padding`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown, most: number): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((each) => Number.isSafeInteger(each) && each >= 0 && each <= most)
  );
}
