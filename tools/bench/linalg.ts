import { loadavg } from "node:os";

import {
  type Arithmetic,
  createLinalgPool,
  type LinalgPool,
  scan,
  sgemm,
  sharedF32,
  sharedF64,
  spdInverse,
} from "@signalpath/linalg";

import { percentile, round, type Row } from "./table.ts";

const SIZE = 512;
const INVERSE = 1_024;
const ROWS = 10_000;
const DIMENSIONS = 64;

/** The kernels on one thread beside their twins, which are the same arithmetic in a plain loop. */
export async function benchLinalg(): Promise<Row[]> {
  const here = createLinalgPool(0);
  const wave = (length: number) => sharedF32(length).map((_, at) => Math.sin(at));
  const [a, b] = [wave(SIZE * SIZE), wave(SIZE * SIZE)];
  const out = sharedF32(SIZE * SIZE);
  const shape = { m: SIZE, n: SIZE, k: SIZE };
  const vectors = wave(ROWS * DIMENSIONS);
  const query = vectors.subarray(0, DIMENSIONS);
  const flops = 2 * SIZE ** 3;
  return [
    await compared(
      `product of ${SIZE} x ${SIZE} matrices, float32`,
      flops,
      ">= 6 x",
      (arithmetic) => sgemm(here, { ...shape, a, b, out, arithmetic }),
    ),
    await compared(`inverse of ${INVERSE} rows, float64`, INVERSE ** 3, "-", (arithmetic) =>
      inverse(here, arithmetic),
    ),
    await compared(
      `scan of ${ROWS} x ${DIMENSIONS}, copied in, float32`,
      2 * ROWS * DIMENSIONS,
      "-",
      async (arithmetic) => void scan(vectors, query, arithmetic),
    ),
  ];
}

async function inverse(pool: LinalgPool, arithmetic: Arithmetic): Promise<void> {
  const a = sharedF64(INVERSE * INVERSE);
  for (let i = 0; i < INVERSE; i++) {
    for (let j = 0; j < i; j++) a[i * INVERSE + j] = Math.sin(i + j);
    a[i * INVERSE + i] = 2 * INVERSE;
  }
  await spdInverse(pool, a, INVERSE, { arithmetic });
}

/** Both in turns; the best of each: what the machine did besides is no property of the code. */
async function compared(
  what: string,
  flops: number,
  goal: string,
  run: (arithmetic: Arithmetic) => Promise<void>,
): Promise<Row> {
  const times: Record<Arithmetic, number[]> = { wasm: [], plain: [] };
  for (let turn = 0; turn < 7; turn++) {
    for (const arithmetic of ["wasm", "plain"] as const) {
      const before = performance.now();
      await run(arithmetic);
      times[arithmetic].push(performance.now() - before);
    }
  }
  const best = (arithmetic: Arithmetic) => percentile(times[arithmetic], 0);
  const told = (arithmetic: Arithmetic) =>
    `${round(best(arithmetic), 2)} ms, ${round(flops / best(arithmetic) / 1e6, 1)} GFLOP/s`;
  return {
    job: `${what}, load ${round(loadavg()[0] ?? 0, 1)}`,
    ours: told("wasm"),
    limit: `plain loop: ${told("plain")}`,
    ratio: `${round(best("plain") / best("wasm"), 1)} x faster`,
    goal,
  };
}
