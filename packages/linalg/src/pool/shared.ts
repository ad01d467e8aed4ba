import { LinalgError } from "../errors.ts";

function buffer(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new LinalgError("NO_MEMORY", `no memory for ${bytes} bytes`, { cause });
  }
}

/** Zeros that worker threads see too. Throws NO_MEMORY. */
export const sharedF64 = (length: number): Float64Array => new Float64Array(buffer(length * 8));
export const sharedF32 = (length: number): Float32Array => new Float32Array(buffer(length * 4));
export const sharedU32 = (length: number): Uint32Array => new Uint32Array(buffer(length * 4));
export const sharedI8 = (length: number): Int8Array => new Int8Array(buffer(length));
