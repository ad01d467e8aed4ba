import type { Fault, FloatSpan } from "./task.ts";

/** The first tensor with a NaN or an infinity. */
export function findBadNumber(
  buffer: ArrayBufferLike,
  floats: readonly FloatSpan[],
): Fault | undefined {
  for (const { name, dtype, at, bytes } of floats) {
    const numbers =
      dtype === "F32"
        ? new Float32Array(buffer, at, bytes / 4)
        : new Float64Array(buffer, at, bytes / 8);
    if (!allFinite(numbers)) {
      return { code: "MODEL_NOT_FINITE", message: `${name} holds what is no number` };
    }
  }
  return undefined;
}

function allFinite(numbers: Float32Array | Float64Array): boolean {
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] as number;
    // NaN for NaN and both infinities.
    if (number - number !== 0) return false;
  }
  return true;
}
