import * as linalg from "@signalpath/linalg";

import { asModelError } from "../errors.ts";

function allocated<T>(allocate: (length: number) => T, length: number): T {
  try {
    return allocate(length);
  } catch (error) {
    throw asModelError(error);
  }
}

/** Zeros that worker threads see too. Throws MODEL_TOO_LARGE where there is no memory. */
export const sharedF64 = (length: number): Float64Array => allocated(linalg.sharedF64, length);
export const sharedF32 = (length: number): Float32Array => allocated(linalg.sharedF32, length);
export const sharedU32 = (length: number): Uint32Array => allocated(linalg.sharedU32, length);
export const sharedI8 = (length: number): Int8Array => allocated(linalg.sharedI8, length);
