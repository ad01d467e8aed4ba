/** Bytes at the begin of a file from which its alignment is decided. */
export const MODEL_HEAD_BYTES = 512;
const ALIGNMENT = 64;

/** Shared memory for `size` bytes of which byte `at` lies at a multiple of 64. */
export function allocateAligned(size: number, at: number): Uint8Array<SharedArrayBuffer> {
  const lead = (ALIGNMENT - (at % ALIGNMENT)) % ALIGNMENT;
  return new Uint8Array(new SharedArrayBuffer(lead + size), lead);
}
