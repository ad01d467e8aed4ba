import { unitVector } from "@signalpath/domain";
import fc from "fast-check";
import { expect, test } from "vitest";

import { createArena } from "./dot-kernel.ts";
import { createVectorRows } from "./vector-rows.ts";

/** The definition. */
function plainDot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

const vectors = fc.integer({ min: 1, max: 70 }).chain((dimensions) => {
  const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: dimensions,
    maxLength: dimensions,
  });
  return fc.record({
    query: vector,
    rows: fc.array(fc.option(vector), { minLength: 1, maxLength: 150 }),
    floor: fc.double({ min: -1.1, max: 1.1, noNaN: true }),
  });
});

test("a scan finds every filled row that reaches the floor, with its exact cosine", () => {
  const arena = createArena();
  fc.assert(
    fc.property(vectors, ({ query, rows, floor }) => {
      const unit = unitVector(query);
      fc.pre(unit !== undefined);
      const block = createVectorRows(arena, query.length);
      const expected = new Map<number, number>();
      for (const [row, vector] of rows.entries()) {
        block.set(row, vector ?? query);
        if (vector === null) block.clear(row);
        const own = vector === null ? undefined : unitVector(vector);
        if (own !== undefined) expected.set(row, plainDot(own, unit));
      }
      const found = new Map<number, number>();
      block.scan(
        unit,
        () => floor,
        (row, cosine) => found.set(row, cosine),
      );
      for (const [row, cosine] of found) {
        expect(cosine).toBeCloseTo(expected.get(row)!, 12);
        expect(block.cosine(unit, row)).toBe(cosine);
      }
      for (const [row, cosine] of expected) if (cosine >= floor) expect(found.has(row)).toBe(true);
      expect([...found.values()].every((cosine) => cosine > floor - 1e-4)).toBe(true);
    }),
  );
});

test("the kernel's sums are within the rounding of float32, also far into the memory", () => {
  const arena = createArena();
  arena.allocate(5_000_000);
  const bytes = 1_536 * 4;
  const query = arena.allocate(bytes);
  const rows = arena.allocate(3 * bytes);
  const out = arena.allocate(3 * 4);
  const floats = arena.floats();
  for (let i = 0; i < 1_536; i++) floats[query / 4 + i] = Math.sin(i) / 40;
  for (let i = 0; i < 3 * 1_536; i++) floats[rows / 4 + i] = Math.cos(i * 1.7) / 40;
  arena.dot(rows, rows + 3 * bytes, bytes, query, out);
  const at = (from: number) => floats.subarray(from / 4, (from + bytes) / 4);
  for (let row = 0; row < 3; row++) {
    expect(floats[out / 4 + row]).toBeCloseTo(plainDot(at(rows + row * bytes), at(query)), 6);
  }
});
