import { expect, test } from "vitest";

import { rank } from "../rank.ts";
import { sampleInput, sampleItem, sampleModel } from "../sample-ranking.ts";
import { dismissalScores } from "./dismissal.ts";

test("the rate where nothing is alike, nothing where all is, and between them in proportion", () => {
  const tag = Float64Array.of(0, 1, 0.25, 2);
  expect([...dismissalScores(4, 0.8, [undefined, tag])]).toEqual([0.8, 0, 0.8 * 0.75, 0]);
  const semantic = Float64Array.of(0.5, 0, 0, 0);
  expect(dismissalScores(4, 0.8, [semantic, tag])[0]).toBe(0.4);
  expect([...dismissalScores(2, 0, [tag])]).toEqual([0, 0]);
  expect([...dismissalScores(2, Number.NaN, [tag])]).toEqual([0, 0]);
});

test("damps what is unlike the person's likes, and never lifts anything", () => {
  const items = ["like", "unlike"].map((id) =>
    sampleItem(id, { tags: [{ facet: "topic", label: id }] }),
  );
  const model = sampleModel({ tag_affinity: { "topic:like": 1 }, n_events: 9 });
  const counted = { trend: 0.5, quality: 0.5, popularity: 0.5 };
  const input = sampleInput(items, { model, itemSignals: () => counted });
  const scoreOf = (dismissRate: number | undefined) =>
    new Map(rank({ ...input, profile: { dismissRate } }).items.map((one) => [one.item_id, one]));
  const [plain, damped] = [scoreOf(undefined), scoreOf(0.6)];
  expect(plain.get("unlike")!.contributions["dismissal"]).toBeUndefined();
  expect(damped.get("like")!.score).toBeCloseTo(plain.get("like")!.score, 12);
  expect(damped.get("unlike")!.score).toBeLessThan(plain.get("unlike")!.score);
  expect(damped.get("unlike")!.contributions["dismissal"]).toBeCloseTo(-0.25 * 0.6, 12);
});
