import { type Arena, createArena, hasKernels } from "./arena.ts";

/**
 * `wasm` where the runtime has it unless told; `plain` is the twin in TypeScript, fallback and oracle.
 */
export type Arithmetic = "wasm" | "plain";

/**
 * This thread's memory for panels: every call of a kernel rewinds it, fills it, reads its answer from it
 * and leaves nothing behind, so calls know nothing of each other.
 */
const panels = hasKernels ? createArena() : undefined;

/** Empty panels, or undefined where the plain twin is to work. */
export function scratch(arithmetic?: Arithmetic): Arena | undefined {
  if (arithmetic === "plain") return undefined;
  panels?.rewind();
  return panels;
}

/** The next multiple of `step`. */
export const upTo = (value: number, step: number): number => Math.ceil(value / step) * step;
