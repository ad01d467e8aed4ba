import { MODEL_DTYPES, type ModelDtype } from "@signalpath/contracts";

/** Tensors, the header's end and the payload itself lie at multiples of this, bytes. */
export const ALIGNMENT = 64;
export const MAX_HEADER_BYTES = 1_048_576;
export const MAX_TENSORS = 256;
export const MAX_DIMENSIONS = 4;
export const MAX_DIMENSION = 0xffffffff;
export const METADATA = "__metadata__";

const TENSOR_NAME = /^[a-z][a-z0-9_.]{0,63}$/;
const PAD_NAME = /^_pad\.(?:0|[1-9][0-9]{0,3})$/;
const METADATA_KEY = /^[a-z][a-z0-9_]{0,63}$/;

export const isTensorName = (name: string): boolean => TENSOR_NAME.test(name);
export const isPadName = (name: string): boolean => PAD_NAME.test(name);
export const isMetadataKey = (key: string): boolean => METADATA_KEY.test(key);

/** A tensor's place: `begin` and `end` count from the begin of the data, bytes. */
export interface TensorEntry {
  name: string;
  dtype: ModelDtype;
  shape: readonly number[];
  begin: number;
  end: number;
}

/** A payload's header: its texts, its tensors in order of offset without padding. */
export interface Layout {
  metadata: Record<string, string>;
  tensors: readonly TensorEntry[];
  /** Where the data begins in the payload. */
  dataAt: number;
}

export function isDtype(name: unknown): name is ModelDtype {
  return typeof name === "string" && Object.hasOwn(MODEL_DTYPES, name);
}

/** Bytes of a tensor, or undefined when they are too many to count. */
export function tensorBytes(dtype: ModelDtype, shape: readonly number[]): number | undefined {
  if (shape.includes(0)) return 0;
  let bytes: number = MODEL_DTYPES[dtype].BYTES_PER_ELEMENT;
  for (const dimension of shape) bytes *= dimension;
  return bytes <= Number.MAX_SAFE_INTEGER ? bytes : undefined;
}

export function toAlignment(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
