import { expect, test } from "vitest";

import { withRows } from "./report.ts";
import type { Row } from "./under-load.ts";

function row(name: string, seed: number, events: number): Row {
  const figures = { accepted: events, unknown: 0, lost: 0, twice: 0, modelsWrong: 0, people: 40 };
  const times = { outageS: 0.5, catchUpS: 1.25, redeliveredPercent: undefined };
  return { name, seed, events, ...figures, ...times, notes: [], violations: [] };
}

const EMPTY = "before\n<!-- faults:begin -->\n\n<!-- faults:end -->\nafter\n";
const rowsOf = (page: string) =>
  page
    .split("\n")
    .filter((line) => /^\| [a-z-]+ \| \d/.test(line))
    .map((line) => line.split(" | ", 3).join(" ").slice(2));

test("a row replaces that of its case and seed and no other; the text around stays", () => {
  const first = withRows(EMPTY, [row("poison", 2, 5), row("kill-nats", 1, 7)], "first");
  const rows = [row("kill-nats", 1, 9), row("kill-nats", 2, 8), row("kill-standalone", 1, 1)];
  const second = withRows(first, rows, "second");
  expect(rowsOf(second)).toEqual([
    "kill-nats 1 9",
    "kill-standalone 1 1",
    "kill-nats 2 8",
    "poison 2 5",
  ]);
  expect(second).toMatch(/^before\n[^]*second[^]*\nafter\n$/);
  expect(second).not.toContain("first");
  expect(withRows(second, [], "second")).toBe(second);
});

test("a row of a case that is no more goes", () => {
  const page = withRows(EMPTY, [row("kill-nats", 1, 7), row("no-such-case", 1, 1)], "");
  expect(rowsOf(page)).toEqual(["kill-nats 1 7"]);
});

test("a page without marks is not written over", () => {
  expect(() => withRows("no marks", [], "")).toThrow("marks");
});
