import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { choleskyFactor, choleskySolve } from "./cholesky-solve.ts";
import { gram } from "./gram.ts";
import { createLinalgPool } from "./pool/pool.ts";
import { sharedF32 } from "./pool/shared.ts";
import { ridgeRows, ridgeSystem } from "./ridge-rows.ts";
import { scan } from "./scan.ts";
import { sgemm } from "./sgemm.ts";
import { addSquaredRows } from "./squared-rows.ts";

const number = fc.double({ min: -4, max: 4, noNaN: true }).map(Math.fround);
const numbers = (length: number) =>
  fc.array(number, { minLength: length, maxLength: length }).map((all) => Float32Array.from(all));
const size = fc.integer({ min: 1, max: 21 });
const pools = [createLinalgPool(0), createLinalgPool(1), createLinalgPool(2)];
const here = pools[0]!;
afterAll(async () => {
  for (const pool of pools) await pool.close();
});

/** Of sums of `terms` products of numbers up to 4: float32 rounds each step by 2^-24 of its size. */
const near = (a: ArrayLike<number>, b: ArrayLike<number>, terms: number) => {
  expect(a).toHaveLength(b.length);
  for (let i = 0; i < a.length; i++) {
    expect(Math.abs(a[i]! - b[i]!)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(b[i]!), terms));
  }
};

describe("sgemm", () => {
  const cases = fc
    .record({ m: size, n: size, k: size, transposeA: fc.boolean(), transposeB: fc.boolean() })
    .chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        a: numbers(shape.m * shape.k),
        b: numbers(shape.k * shape.n),
      }),
    );

  it("is the definition, in either arithmetic", async () => {
    const property = fc.asyncProperty(cases, async ({ shape, a, b }) => {
      const { m, n, k, transposeA, transposeB } = shape;
      const expected = new Float64Array(m * n);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          for (let p = 0; p < k; p++) {
            const left = a[transposeA ? p * m + i : i * k + p]!;
            expected[i * n + j]! += left * b[transposeB ? j * k + p : p * n + j]!;
          }
        }
      }
      for (const arithmetic of ["wasm", "plain"] as const) {
        const out = new Float32Array(m * n).fill(Number.NaN);
        await sgemm(here, { ...shape, a, b, out, arithmetic });
        near(out, expected, k);
      }
    });
    await fc.assert(property, { numRuns: 50 });
  });

  it("has the same bits for any number of threads, and near those of the twin", async () => {
    const [m, n, k] = [301, 270, 300];
    const wave = (length: number, step: number) =>
      sharedF32(length).map((_, at) => Math.sin(at * step));
    const [a, b] = [wave(m * k, 1.3), wave(k * n, 0.7)];
    const run = async (pool: typeof here, arithmetic: "wasm" | "plain") => {
      const out = sharedF32(m * n);
      await sgemm(pool, { a, b, out, m, n, k, arithmetic });
      return out;
    };
    const alone = await run(here, "wasm");
    for (const pool of pools) expect(await run(pool, "wasm")).toEqual(alone);
    near(alone, await run(here, "plain"), 1);
  });

  it("refuses arrays that are too short", async () => {
    const one = new Float32Array(1);
    await expect(sgemm(here, { a: one, b: one, out: one, m: 2, n: 1, k: 1 })).rejects.toMatchObject(
      { code: "SHAPE_INVALID" },
    );
  });
});

describe("gram", () => {
  const cells = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(8), number), {
    selector: ([row, column]) => `${row} ${column}`,
  });

  it("is X'X for any number of threads, in either arithmetic", async () => {
    const property = fc.asyncProperty(cells, async (entries) => {
      const sorted = entries.toSorted((x, y) => x[0] - y[0] || x[1] - y[1]);
      const values = Float32Array.from(sorted, ([, , value]) => value);
      const indices = Uint32Array.from(sorted, ([, column]) => column);
      const indptr = Uint32Array.from(
        { length: 11 },
        (_, row) => sorted.filter(([r]) => r < row).length,
      );
      const dense = (row: number, column: number) =>
        sorted.find(([r, c]) => r === row && c === column)?.[2] ?? 0;
      for (const arithmetic of ["wasm", "plain"] as const) {
        for (const pool of pools) {
          const out = await gram(pool, {
            matrix: { indptr, indices, values },
            columns: 9,
            arithmetic,
          });
          for (let i = 0; i < 9; i++) {
            for (let j = 0; j <= i; j++) {
              let sum = 0;
              for (let r = 0; r < 10; r++) sum += dense(r, i) * dense(r, j);
              expect(out[i * 9 + j]).toBe(sum);
            }
          }
        }
      }
    });
    await fc.assert(property, { numRuns: 20 });
  });
});

describe("cholesky", () => {
  const systems = size.chain((n) => fc.tuple(fc.constant(n), numbers(n * n), numbers(n)));

  it("solves, with the same bits in either arithmetic", () => {
    fc.assert(
      fc.property(systems, ([n, m, side]) => {
        const a = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            a[i * n + j] = i === j ? 1 : 0;
            for (let p = 0; p < n; p++) a[i * n + j]! += m[i * n + p]! * m[j * n + p]!;
          }
        }
        const b = Float64Array.from(side);
        const x = choleskySolve(a, n, b);
        expect(choleskySolve(a, n, b, "plain")).toEqual(x);
        const worst = Math.max(...a.map(Math.abs), 1);
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let j = 0; j < n; j++) sum += a[i * n + j]! * x[j]!;
          expect(Math.abs(sum - b[i]!)).toBeLessThan(1e-9 * worst * n);
        }
      }),
    );
  });

  it.each(["wasm", "plain"] as const)(
    "refuses what is not positive definite (%s)",
    (arithmetic) => {
      for (const [a, n] of [
        [[1, 2, 2, 1], 2],
        [[0], 1],
        [[Number.NaN], 1],
        [[Number.POSITIVE_INFINITY], 1],
      ] as const) {
        expect(() => choleskyFactor(Float64Array.from(a), n, arithmetic)).toThrow(
          expect.objectContaining({ code: "NOT_POSITIVE_DEFINITE" }),
        );
      }
    },
  );
});

it("ridge regressions solve their systems, near those of the twin", () => {
  const cases = size.chain((d) =>
    fc.tuple(
      fc.constant(d),
      numbers(7 * d),
      fc.array(fc.tuple(fc.nat(6), fc.double({ min: 0.1, max: 4, noNaN: true })), { maxLength: 9 }),
    ),
  );
  fc.assert(
    fc.property(cases, ([d, vectors, entries]) => {
      const n = entries.length;
      const matrix = {
        indptr: Uint32Array.of(0, 0, n),
        indices: Uint32Array.from(entries, ([row]) => row),
        values: Float32Array.from(entries, ([, weight]) => weight),
      };
      const base = new Float64Array(d * d);
      for (let p = 0; p < d; p++) base[p * d + p] = 0.5;
      const args = { matrix, vectors, d, base, ridges: Float64Array.of(1, 2) };
      const solved = (arithmetic: "wasm" | "plain") => {
        const out = new Float32Array(2 * d).fill(Number.NaN);
        ridgeRows({ ...args, out, arithmetic }, 0, 2);
        return out;
      };
      near(solved("wasm"), solved("plain"), 1);
      const [system, x] = [ridgeSystem(args, 1), solved("plain").subarray(d)];
      for (let p = 0; p < d; p++) {
        let rest = 0;
        for (let q = 0; q < d; q++) rest += system[p * d + q]! * x[q]!;
        for (const [row, weight] of entries) rest -= weight * vectors[row * d + p]!;
        expect(Math.abs(rest)).toBeLessThan(0.01);
      }
    }),
  );
});

it("scan is the dot product of every row, in either arithmetic", () => {
  const cases = fc
    .tuple(fc.nat(40), size)
    .chain(([rows, d]) => fc.tuple(numbers(rows * d), numbers(d)));
  fc.assert(
    fc.property(cases, ([rows, query]) => {
      near(scan(rows, query), scan(rows, query, "plain"), query.length);
    }),
  );
  const many = new Float32Array(3 * 50_001).map((_, at) => Math.cos(at));
  near(scan(many, [1, 2, 3]), scan(many, [1, 2, 3], "plain"), 1);
  expect(() => scan(new Float32Array(3), [1, 2])).toThrow(
    expect.objectContaining({ code: "SHAPE_INVALID" }),
  );
});

it("squares of bytes are summed with the same bits in either arithmetic", () => {
  const cases = size.chain((n) =>
    fc.tuple(
      fc.array(fc.integer({ min: -127, max: 127 }), { minLength: 3 * n, maxLength: 3 * n }),
      fc.array(fc.tuple(fc.nat(2), number)),
    ),
  );
  fc.assert(
    fc.property(cases, ([bytes, input]) => {
      const matrix = { values: Int8Array.from(bytes), columns: bytes.length / 3 };
      const rows = Uint32Array.from(input, ([row]) => row);
      const weights = Float32Array.from(input, ([, weight]) => weight);
      const sums = addSquaredRows(matrix, rows, weights);
      expect(addSquaredRows(matrix, rows, weights, "plain")).toEqual(sums);
      const first = input.reduce((sum, [row, weight]) => {
        const q = bytes[row * matrix.columns]!;
        return sum + weight * q * Math.abs(q);
      }, 0);
      expect(sums[0]).toBeCloseTo(first, 6);
    }),
  );
});
