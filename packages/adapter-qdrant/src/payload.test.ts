import { compareCodePoints } from "@signalpath/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { idPart, pointId } from "./payload.ts";
import { uuidV5 } from "./uuid-v5.ts";

describe("UUID version 5", () => {
  const DNS = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  const URL_ = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";
  test.each([
    // RFC 9562, appendix A.4, and the documentation of Python's uuid module.
    [DNS, "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"],
    [DNS, "python.org", "886313e1-3b8a-5372-9b90-0c9aee199e5d"],
    [URL_, "http://example.org/ü", "3f07780a-2084-533d-91f3-c1164f39f81d"],
  ])("%s %s", (namespace, name, expected) => {
    expect(uuidV5(name, namespace)).toBe(expected);
  });

  test("a point is one item of one project, whatever its id is", () => {
    const ids = ["1", "a", '1,"a', "\ud800", "\ud801", "\ufffd", "__proto__", ""];
    const points = [1, 11, 2].flatMap((project) => ids.map((id) => pointId(project, id)));
    expect(new Set(points).size).toBe(points.length);
    expect(pointId(1, "a")).toBe(pointId(1, "a"));
  });
});

test("the integers of an id order as its code points do, as far as they reach", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.string({ unit: "binary", maxLength: 8 }),
      (a, b) => {
        const parts = [0, 1, 2].map((level) => idPart(a, level) - idPart(b, level));
        const first = parts.find((difference) => difference !== 0) ?? 0;
        if (first !== 0) expect(Math.sign(first)).toBe(Math.sign(compareCodePoints(a, b)));
      },
    ),
  );
});
