import { expect, test } from "vitest";

import { rank } from "./rank.ts";
import { sampleInput, sampleItem, sampleModel, topics } from "./sample-ranking.ts";
import { REASON_KINDS } from "./types.ts";
import { WORDINGS } from "./wording.ts";

const loom = sampleItem("loom", { title: "The loom", tags: topics("Work") });
const mill = sampleItem("mill", { title: "The mill", tags: topics("work") });

test("a tag reason names the tag as it is written and the liked items that carry it", () => {
  const model = sampleModel({ positives: { loom: 1 }, tag_affinity: { "topic:work": 1 } });
  const input = sampleInput([mill], { model, content: (id) => (id === "loom" ? loom : undefined) });
  const reasons = rank(input).items[0]!.reasons;
  expect(reasons).toContainEqual(
    expect.objectContaining({ kind: "tag", label: "work", evidence: ["loom"] }),
  );
  expect(reasons).toContainEqual(
    expect.objectContaining({ kind: "affinity", text: "Because you liked The loom" }),
  );
});

test("an item whose content is gone is named by its id", () => {
  const model = sampleModel({ positives: { gone: 1 } });
  const neighbours = (id: string) => (id === "gone" ? [{ item_id: "mill", similarity: 0.4 }] : []);
  const [first] = rank(sampleInput([mill], { model, neighbours })).items;
  expect(first?.reasons[0]).toMatchObject({ label: "gone", evidence: ["gone"] });
});

test("a negligible contribution is no reason", () => {
  const placed = sampleItem("far", { lat: 52.5, lon: 10 });
  const itemSignals = () => ({ trend: 1, quality: 1, popularity: 1 });
  const [first] = rank(sampleInput([placed], { near: { lat: 52, lon: 10 }, itemSignals })).items;
  expect(first?.contributions["geo"]).toBeGreaterThan(0);
  expect(first?.reasons.map((reason) => reason.kind)).toEqual(["quality", "trend"]);
});

test("every language words every kind of reason", () => {
  for (const wording of Object.values(WORDINGS)) {
    for (const kind of REASON_KINDS) expect(wording[kind]("label")).not.toBe("");
  }
});
