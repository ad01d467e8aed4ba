import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compileEventMap, compileShippedEventMap } from "./compile-event-map.ts";

describe("the shipped event map", () => {
  const map = compileShippedEventMap();

  it("does not tell names apart by case, spaces, underscores and hyphens", () => {
    for (const name of [
      "CONTENT_VIEW_ENDED",
      "Content View Ended",
      "content-view-ended",
      "contentViewEnded",
      "  content__view  ended ",
    ]) {
      expect(map.rule(name)).toEqual({ kind: "viewed", end_reason: "close" });
    }
  });

  it("knows the synonyms and the words themselves", () => {
    expect(map.endReason("Next Button")).toBe("next");
    expect(map.endReason("abandoned")).toBe("abandon");
    expect(map.endReason("link")).toBe("link");
    expect(map.endReason("gone fishing")).toBeUndefined();
    expect(map.reaction("Dismissed")).toBe("dismiss");
    expect(map.reaction("report")).toBe("report");
    expect(map.reaction("")).toBeUndefined();
  });

  it("has no entry for what every object inherits", () => {
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      expect(map.rule(name)).toBeUndefined();
      expect(map.reaction(name)).toBeUndefined();
    }
  });
});

describe("compileEventMap", () => {
  it("takes a project's own map, with the shipped synonyms unless it brings its own", () => {
    const own = compileEventMap({
      version: 3,
      events: { "Recipe Cooked": { kind: "feedback", reaction: "done" } },
    });
    expect(own.ok && own.map.version).toBe(3);
    expect(own.ok && own.map.rule("recipe_cooked")).toEqual({ kind: "feedback", reaction: "done" });
    expect(own.ok && own.map.rule("Tip Served")).toBeUndefined();
    expect(own.ok && own.map.reaction("liked")).toBe("like");
    const words = compileEventMap({ version: 1, events: {}, reactions: { yum: "like" } });
    expect(words.ok && words.map.reaction("YUM")).toBe("like");
    expect(words.ok && words.map.reaction("liked")).toBeUndefined();
  });

  it.each([
    [null, ""],
    [[], ""],
    [{ events: {} }, "version"],
    [{ version: 1.5, events: {} }, "version"],
    [{ version: 1 }, "events"],
    [{ version: 1, events: [] }, "events"],
    [{ version: 1, events: {}, extra: 1 }, "extra"],
    [{ version: 1, events: { a: { kind: "sang" } } }, "events.a.kind"],
    [{ version: 1, events: { a: { kind: "feedback", reaction: "meh" } } }, "events.a.reaction"],
    [{ version: 1, events: { a: { kind: "viewed", reaction: "like" } } }, "events.a.reaction"],
    [{ version: 1, events: { a: { kind: "served", end_reason: "next" } } }, "events.a.end_reason"],
    [{ version: 1, events: { " _-": { kind: "served" } } }, "events. _-"],
    [{ version: 1, events: { a: { kind: "served", x: 1 } } }, "events.a.x"],
    [{ version: 1, events: { a_b: { kind: "served" }, "A B": { kind: "search" } } }, "events.A B"],
    [{ version: 1, events: {}, end_reasons: { x: "later" } }, "end_reasons.x"],
  ])("refuses %j and names %s", (map, path) => {
    const result = compileEventMap(map);
    expect(result.ok).toBe(false);
    expect(!result.ok && result.issues.map((issue) => issue.path)).toContain(path);
  });

  it("never throws, whatever JSON it is given", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(typeof compileEventMap(value).ok).toBe("boolean");
      }),
    );
  });
});
