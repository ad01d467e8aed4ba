import { stringAt } from "@signalpath/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { someRows } from "../testing/sample.ts";
import { buildInteractions, createInteractionsBuilder } from "./build.ts";
import { transpose } from "./transpose.ts";

const row = (user_id: string, item_id: string, weight = 1, time?: number) => ({
  user_id,
  item_id,
  weight,
  ...(time === undefined ? {} : { time }),
});

describe("interactions", () => {
  it("do not depend on the order of rows", () => {
    const orders = someRows.chain((rows) =>
      fc.tuple(
        fc.constant(rows),
        fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
      ),
    );
    fc.assert(
      fc.property(orders, fc.constantFrom("max", "sum", "last"), ([rows, mixed], duplicates) => {
        const twice = [...rows, ...rows.map((one) => ({ ...one, weight: one.weight * 3 }))];
        const mixedTwice = [...mixed.map((one) => ({ ...one, weight: one.weight * 3 })), ...mixed];
        expect(buildInteractions(mixedTwice, { duplicates })).toEqual(
          buildInteractions(twice, { duplicates }),
        );
      }),
    );
  });

  it("sort ids by their UTF-8 bytes, and entries within a user by item", () => {
    const { users, items, matrix } = buildInteractions([
      row("b", "\u{1f600}"),
      row("b", "\uffee"),
      row("a", "z"),
    ]);
    expect([stringAt(users, 0), stringAt(users, 1)]).toEqual(["a", "b"]);
    expect([0, 1, 2].map((at) => stringAt(items, at))).toEqual(["z", "\uffee", "\u{1f600}"]);
    expect(matrix).toEqual({
      indptr: Uint32Array.of(0, 1, 3),
      indices: Uint32Array.of(0, 1, 2),
      values: Float32Array.of(1, 1, 1),
    });
  });

  it.each([
    ["max", 3],
    ["sum", 6],
    ["last", 2],
  ] as const)("of duplicates take the %s", (duplicates, weight) => {
    const rows = [row("u", "i", 3, 5), row("u", "i", 2, 9), row("u", "i", 1, 1)];
    const { matrix, times, rows: taken } = buildInteractions(rows, { duplicates });
    expect([...matrix.values]).toEqual([weight]);
    expect([...(times ?? [])]).toEqual([9]);
    expect(taken).toBe(3);
  });

  it("leave out what weighs nothing, as float32 too", () => {
    const { matrix, items } = buildInteractions([
      row("u", "a", 0),
      row("u", "b", 1e-60),
      row("u", "c"),
    ]);
    expect(matrix.indices).toHaveLength(1);
    expect(stringAt(items, 0)).toBe("c");
  });

  it.each([
    ["an empty id", [row("", "i")]],
    ["a lone surrogate", [row("u", "\ud800")]],
    ["no number", [row("u", "i", Number.NaN)]],
    ["a weight beyond float32", [row("u", "i", 1e39)]],
    ["times in some rows", [row("u", "i", 1, 1), row("u", "j", 1)]],
    ["a time that is not finite", [row("u", "i", 1, Infinity)]],
  ])("are refused for %s", (_what, rows) => {
    expect(() => buildInteractions(rows)).toThrow(
      expect.objectContaining({ code: "INTERACTIONS_INVALID" }),
    );
  });

  it("are refused beyond the cap, at the row that is one too many", () => {
    const builder = createInteractionsBuilder({ maxRows: 2 });
    builder.add(row("u", "a"));
    builder.add(row("u", "a"));
    expect(() => builder.add(row("u", "a"))).toThrow(
      expect.objectContaining({ code: "TOO_MANY_ROWS" }),
    );
  });

  it("turned twice are the same", () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const { matrix, users, items } = buildInteractions(rows);
        const turned = transpose(matrix, items.offsets.length - 1);
        expect(transpose(turned, users.offsets.length - 1)).toEqual(matrix);
      }),
    );
  });
});
