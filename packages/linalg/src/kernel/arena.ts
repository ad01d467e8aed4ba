import { LinalgError } from "../errors.ts";
import { KERNEL_BASE64 } from "./bytes.generated.ts";
import type { KernelExports, Wasm } from "./web-assembly.ts";

/** Memory the kernels work in. Nothing is given back: who asks reuses, or calls `rewind`. */
export interface Arena {
  kernels: KernelExports;
  /** Address of so many bytes, a multiple of 16; new ones are 0. Throws NO_MEMORY beyond 4 GB. */
  allocate(bytes: number): number;
  /** All of what was allocated may be allocated again, with whatever is in it. */
  rewind(): void;
  /** All of it; older answers are useless after `allocate`. */
  floats(): Float32Array;
  doubles(): Float64Array;
  words(): Uint32Array;
  bytes(): Int8Array;
}

const PAGE = 65_536;
const MAX_PAGES = 65_535;
const wasm = (globalThis as unknown as { WebAssembly?: Wasm }).WebAssembly;
const code = new Uint8Array(Buffer.from(KERNEL_BASE64, "base64"));

/** Whether this runtime takes the kernels; where not, the plain twins work. */
export const hasKernels: boolean = wasm?.validate(code) ?? false;

/** One memory with kernels of its own. Throws LinalgError NO_MEMORY where there is no WebAssembly. */
export function createArena(): Arena {
  if (wasm === undefined || !hasKernels) {
    throw new LinalgError("NO_MEMORY", "this runtime has no WebAssembly with SIMD");
  }
  const memory = new wasm.Memory({ initial: 1, maximum: MAX_PAGES });
  const { exports } = new wasm.Instance(new wasm.Module(code), { env: { memory } });
  const viewAll = () => ({
    floats: new Float32Array(memory.buffer),
    doubles: new Float64Array(memory.buffer),
    words: new Uint32Array(memory.buffer),
    bytes: new Int8Array(memory.buffer),
  });
  let views = viewAll();
  let next = 0;
  return {
    kernels: exports,
    allocate(bytes) {
      const at = next;
      const end = at + Math.ceil(bytes / 16) * 16;
      const missing = Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE;
      if (missing > 0) {
        try {
          memory.grow(missing);
        } catch (cause) {
          throw new LinalgError("NO_MEMORY", `no memory for ${bytes} bytes`, { cause });
        }
        views = viewAll();
      }
      next = end;
      return at;
    },
    rewind() {
      next = 0;
    },
    floats: () => views.floats,
    doubles: () => views.doubles,
    words: () => views.words,
    bytes: () => views.bytes,
  };
}
