import { describe, expect, test } from "vitest";

import type { SignalEvent } from "../events/types.ts";
import { buildUserSignals, createUserSignalsBuilder } from "./build-user-signals.ts";
import { decodeVector } from "./codec.ts";
import { sampleContent, sampleEvent, SUBJECTS } from "./sample-events.ts";

const react = (hours: number, item_id: string, reaction: SignalEvent["reaction"]) =>
  sampleEvent(hours, { item_id, reaction });

describe("directions", () => {
  test("taste points to what was liked, taste_away to what was not", () => {
    const model = buildUserSignals(
      [react(0, "art", "like"), react(0, "bread", "like"), react(0, "city", "dislike")],
      SUBJECTS,
    );
    // Unit vectors, so that the length 2 of art and 3 of bread do not matter; bread is the newer.
    const older = 0.08 + 0.92 * 2 ** (-1 / 5);
    const norm = Math.hypot(1, older);
    const taste = decodeVector(model.taste ?? "");
    expect(taste[0]).toBeCloseTo(older / norm, 6);
    expect(taste[1]).toBeCloseTo(1 / norm, 6);
    expect([...decodeVector(model.taste_away ?? "")]).toEqual([0, 0, 1]);
    expect(model.space).toEqual({ id: "content", dimensions: 3 });
  });

  test("opposite likes have no direction; odd lengths and nonsense are left out", () => {
    const vectors = sampleContent({
      up: { vector: [1, 0] },
      down: { vector: [-1, 0] },
      longer: { vector: [1, 1, 1] },
      zero: { vector: [0, 0] },
      broken: { vector: [Number.NaN, 1] },
    });
    const likes = (ids: string[], hours: number) => ids.map((id) => react(hours, id, "report"));
    const away = (ids: string[]) => buildUserSignals(likes(ids, 0), vectors).taste_away;
    expect(away(["up", "down"])).toBeUndefined();
    expect(away(["zero", "broken"])).toBeUndefined();
    // The vector of the item touched last sets the length.
    expect(decodeVector(away(["longer", "up"]) ?? "")).toHaveLength(2);
  });

  test("the embedding space is named", () => {
    const build = createUserSignalsBuilder({ spaceId: "lsa-3" });
    expect(build([react(0, "art", "like")], SUBJECTS).space).toEqual({
      id: "lsa-3",
      dimensions: 3,
    });
    expect(build([react(0, "both", "like")], SUBJECTS).space).toBeUndefined();
  });
});

describe("interests", () => {
  test("one item for each subject with a fair share", () => {
    const model = buildUserSignals(
      [react(0, "art", "like"), react(0, "artist", "done"), react(0, "bread", "share")],
      SUBJECTS,
    );
    expect(new Set(model.interests)).toEqual(new Set(["artist", "bread"]));
  });

  test("by tags where there are no vectors, and not below a fifth", () => {
    const tag = (label: string) => ({ tags: [{ facet: "f", label }] });
    const ids = ["a1", "a2", "a3", "a4", "b1"];
    const model = buildUserSignals(
      ids.map((id) => react(id === "b1" ? 0 : 1, id, id === "b1" ? "like" : "share")),
      sampleContent(Object.fromEntries(ids.map((id) => [id, tag(id.slice(0, 1))]))),
    );
    expect(model.interests).toEqual(["a4"]);
  });

  test("never more than three", () => {
    const ids = ["a", "b", "c", "d"];
    const vectors = ids.map((id, n) => [id, { vector: ids.map((_, i) => (i === n ? 1 : 0)) }]);
    const model = buildUserSignals(
      ids.map((id) => react(0, id, "like")),
      sampleContent(Object.fromEntries(vectors)),
      undefined,
    );
    expect(model.interests).toHaveLength(3);
  });
});
