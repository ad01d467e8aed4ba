import { unitVector } from "@signalpath/domain";
import { createArena } from "@signalpath/linalg";
import fc from "fast-check";
import { expect, test } from "vitest";

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
  const out = arena.allocate(4 * 4);
  const floats = arena.floats();
  for (let i = 0; i < 1_536; i++) floats[query / 4 + i] = Math.sin(i) / 40;
  for (let i = 0; i < 3 * 1_536; i++) floats[rows / 4 + i] = Math.cos(i * 1.7) / 40;
  const at = (from: number) => floats.subarray(from / 4, (from + bytes) / 4);
  const addresses = [0, 1, 2].map((row) => rows + row * bytes);
  for (const address of addresses) {
    const sum = plainDot(at(address), at(query));
    const reach = (least: number) => {
      const end = arena.kernels.reach(rows, rows + 3 * bytes, bytes, query, out, least);
      return [...arena.words().subarray(out / 4, end / 4)];
    };
    expect(reach(sum - 1e-6)).toContain(address);
    expect(reach(sum + 1e-6)).not.toContain(address);
    expect(reach(Number.NEGATIVE_INFINITY)).toEqual(addresses);
  }
});
