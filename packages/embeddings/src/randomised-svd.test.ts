import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { gramOf, symmetricEigen } from "./dense.ts";
import { randomisedSvd, times } from "./randomised-svd.ts";
import type { TermRows } from "./tf-idf.ts";
import { seeded } from "./testing/seeded.ts";

function sparseOf(rows: readonly (readonly number[])[]): TermRows {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of rows) {
    row.forEach((value, column) => {
      if (value === 0) return;
      indices.push(column);
      values.push(value);
    });
    indptr.push(indices.length);
  }
  return {
    rows: rows.length,
    columns: rows[0]?.length ?? 0,
    indptr: Uint32Array.from(indptr),
    indices: Uint32Array.from(indices),
    values: Float64Array.from(values),
  };
}

/** Singular values by the eigenvalues of A' A: the dense way. */
function denseValues(rows: readonly (readonly number[])[]): number[] {
  const columns = rows[0]?.length ?? 0;
  const { values } = symmetricEigen(gramOf(Float64Array.from(rows.flat()), columns), columns);
  return Array.from(values, (value) => Math.sqrt(Math.max(0, value)));
}

const matrices = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 }))
  .chain(([n, m]) =>
    fc.array(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: m, maxLength: m }), {
      minLength: n,
      maxLength: n,
    }),
  );

describe("symmetric eigenvectors", () => {
  it("put the matrix together again", () => {
    fc.assert(
      fc.property(matrices, (rows) => {
        const k = rows[0]!.length;
        const a = gramOf(Float64Array.from(rows.flat()), k);
        const { values, vectors } = symmetricEigen(a, k);
        const again = a.map((_, at) => {
          const [i, j] = [Math.floor(at / k), at % k];
          let sum = 0;
          for (let p = 0; p < k; p++) sum += values[p]! * vectors[i * k + p]! * vectors[j * k + p]!;
          return sum;
        });
        again.forEach((value, at) => expect(value).toBeCloseTo(a[at]!, 7));
      }),
      { numRuns: 60 },
    );
  });
});

describe("randomised SVD", () => {
  it("finds the singular values of a dense one, and orthonormal directions", async () => {
    await fc.assert(
      fc.asyncProperty(matrices, fc.integer({ min: 1, max: 1_000 }), async (rows, seed) => {
        const { rank, values, right } = await randomisedSvd(sparseOf(rows), 9, {
          random: seeded(seed),
        });
        const wanted = denseValues(rows);
        wanted.forEach((value, at) => expect(values[at] ?? 0).toBeCloseTo(value, 4));
        const gram = gramOf(right, Math.max(1, rank));
        for (let i = 0; i < rank; i++) {
          for (let j = 0; j < rank; j++) {
            // Directions of tiny values are least exact.
            expect(gram[i * rank + j]!).toBeCloseTo(i === j ? 1 : 0, 4);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes the best two of many directions, as a dense one does", async () => {
    const random = seeded(3);
    const rows = Array.from({ length: 60 }, () => {
      const [a, b] = [random(), random()];
      return Array.from(
        { length: 40 },
        (_, j) => a * Math.sin(j) + b * Math.cos(2 * j) + 0.02 * random(),
      );
    });
    const { values, right } = await randomisedSvd(sparseOf(rows), 2, { random, oversampling: 4 });
    const [first, second, third] = denseValues(rows);
    expect(values[0]).toBeCloseTo(first!, 6);
    expect(values[1]).toBeCloseTo(second!, 6);
    expect(third!).toBeLessThan(0.1 * second!);
    const places = times(sparseOf(rows), right, 2);
    const kept = places.reduce((sum, x) => sum + x * x, 0);
    expect(kept).toBeCloseTo(first! ** 2 + second! ** 2, 5);
  });

  it("gives the same bits for the same seed", async () => {
    const matrix = sparseOf([
      [1, 0, 2],
      [0, 3, 1],
      [1, 1, 0],
    ]);
    const [a, b] = await Promise.all(
      [1, 2].map(() => randomisedSvd(matrix, 2, { random: seeded(5) })),
    );
    expect(a).toEqual(b);
  });
});
