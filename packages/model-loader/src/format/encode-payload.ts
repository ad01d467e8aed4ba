import { MODEL_DTYPES, type ModelDtype, type ModelTensor } from "@signalpath/contracts";

import {
  isMetadataKey,
  isTensorName,
  MAX_HEADER_BYTES,
  MAX_TENSORS,
  METADATA,
  type TensorEntry,
  tensorBytes,
  toAlignment,
} from "./layout.ts";

/**
 * A safetensors payload of these tensors, in the order given. Throws RangeError on names, shapes or
 * sizes the format does not take; what the numbers are is not looked at.
 */
export function encodePayload(
  tensors: Iterable<readonly [string, ModelTensor]>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const list = [...tensors];
  if (list.length > MAX_TENSORS) throw new RangeError(`more than ${MAX_TENSORS} tensors`);
  const entries = layOut(list);
  const header = encodeHeader(entries, metadata);
  const dataAt = 8 + header.length;
  const payload = new Uint8Array(dataAt + (entries.at(-1)?.end ?? 0));
  new DataView(payload.buffer).setBigUint64(0, BigInt(header.length), true);
  payload.set(header, 8);
  const data = new Map(list.map(([name, { data }]) => [name, data]));
  for (const { name, begin } of entries) {
    const from = data.get(name);
    if (from === undefined) continue;
    payload.set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength), dataAt + begin);
  }
  return payload;
}

function layOut(tensors: readonly (readonly [string, ModelTensor])[]): TensorEntry[] {
  const entries: TensorEntry[] = [];
  const names = new Set<string>();
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    if (!isTensorName(name)) throw new RangeError(`a tensor cannot be named ${name}`);
    if (names.has(name)) throw new RangeError(`two tensors named ${name}`);
    names.add(name);
    const dtype = dtypeOf(name, data);
    if (tensorBytes(dtype, shape) !== data.byteLength) {
      throw new RangeError(`${name}: ${data.length} numbers are not [${shape.join(", ")}]`);
    }
    const begin = toAlignment(end);
    const pad = entries.filter((entry) => entry.name.startsWith("_pad.")).length;
    if (begin > end) {
      entries.push({
        name: `_pad.${pad}`,
        dtype: "U8",
        shape: [begin - end],
        begin: end,
        end: begin,
      });
    }
    end = begin + data.byteLength;
    entries.push({ name, dtype, shape, begin, end });
  }
  return entries;
}

function dtypeOf(name: string, data: ModelTensor["data"]): ModelDtype {
  const found = Object.entries(MODEL_DTYPES).find(([, type]) => data instanceof type);
  if (found === undefined) throw new RangeError(`${name}: no typed array of the format`);
  return found[0] as ModelDtype;
}

function encodeHeader(
  entries: readonly TensorEntry[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  for (const [key, value] of Object.entries(metadata)) {
    if (!isMetadataKey(key)) throw new RangeError(`metadata cannot be named ${key}`);
    if (!value.isWellFormed()) throw new RangeError(`${key}: a lone surrogate`);
  }
  const fields = entries.map(
    ({ name, dtype, shape, begin, end }) =>
      [name, { dtype, shape, data_offsets: [begin, end] }] as const,
  );
  const json = JSON.stringify({ [METADATA]: metadata, ...Object.fromEntries(fields) });
  const text = Buffer.from(json, "utf8");
  const header = new Uint8Array(toAlignment(8 + text.length) - 8).fill(0x20);
  if (header.length > MAX_HEADER_BYTES) throw new RangeError("a header of more than 1 MiB");
  header.set(text);
  return header;
}
