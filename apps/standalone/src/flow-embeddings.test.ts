import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { like, openFlow, type Flow } from "./test-flow.ts";

const PATIENCE = { timeout: 60_000, interval: 100 };
const GENRES = ["western", "comedy", "horror", "opera"];

let flow: Flow;
beforeAll(async () => {
  flow = await openFlow();
  const items = Array.from({ length: 60 }, (_, i) => ({
    item_id: `film-${i}`,
    title: `film ${i}`,
    tags: [
      { facet: "genre", label: GENRES[i % 4] ?? "" },
      { facet: "decade", label: `${1950 + 10 * (i % 5)}s` },
    ],
  }));
  await flow.json("PUT", "/api/content", { items });
  const now = Date.now();
  const events = ["ann", "bob"].flatMap((user) =>
    ["film-0", "film-4"].map((item, i) => like(`${user}${i}`, user, item, now - i)),
  );
  await flow.json("POST", "/api/ingest", events);
});
afterAll(() => flow.close());

interface List {
  strategy: string;
  items: { item_id: string; contributions: Record<string, number> }[];
  diagnostics: { space?: string; sources: Record<string, number> };
}
const listOf = async (user: string) =>
  (await flow.json("GET", `/api/recommend?user_id=${user}&limit=20`)) as unknown as List;
const modelOf = async (user: string) =>
  (await flow.json("GET", `/api/usermodel?user_id=${user}`)) as { space?: { id: string } };

async function train(seed: number): Promise<string> {
  const { id } = await flow.json("POST", "/api/v1/trained_model/", {
    project: flow.projectId,
    source: "archive",
    kind: "embedding",
    parameters: { method: "tags", dimensions: 2 + seed },
    split: "none",
    seed,
    promotion: "always",
  });
  await vi.waitFor(async () => {
    const model = await flow.json("GET", `/api/v1/trained_model/${String(id)}/`);
    expect(model["status"]).toBe("COMPLETED");
  }, PATIENCE);
  let space = "";
  await vi.waitFor(() => {
    space = flow.deps.feed.space(flow.projectId)?.id ?? "";
    expect(space).toMatch(new RegExp(`^sp-tags-${2 + seed}-`));
  }, PATIENCE);
  return space;
}

test("a trained space reaches content, models and lists, and another one takes its place", async () => {
  await vi.waitFor(async () => expect((await listOf("ann")).strategy).toBe("warm"), PATIENCE);
  expect((await listOf("ann")).diagnostics.space).toBe("content");
  // A person's refresh is asked for once a minute at most, so each change has its own person.
  for (const [seed, user] of [
    [1, "ann"],
    [2, "bob"],
  ] as const) {
    const space = await train(seed);
    await vi.waitFor(async () => {
      const list = await listOf(user);
      expect(list.diagnostics.space).toBe(space);
      expect((await modelOf(user)).space?.id).toBe(space);
      expect(list.diagnostics.sources["vector"]).toBeGreaterThan(0);
    }, PATIENCE);
    await vi.waitFor(async () => {
      const { items } = await listOf(user);
      const semantic = new Map(
        items.map((one) => [one.item_id, one.contributions["semantic"] ?? 0]),
      );
      const mean = (of: (i: number) => boolean) => {
        const values = [...semantic].filter(([id]) => of(Number(id.slice(5)))).map(([, x]) => x);
        return values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);
      };
      expect(mean((i) => i % 4 === 0)).toBeGreaterThan(mean((i) => i % 4 !== 0));
    }, PATIENCE);
  }
  // An item that comes now has its place at once, by its tags.
  const fresh = { item_id: "film-new", title: "new", tags: [{ facet: "genre", label: "western" }] };
  await flow.json("PUT", "/api/content", { items: [fresh] });
  await vi.waitFor(async () => {
    const [item] = await flow.deps.content.get(flow.projectId, ["film-new"]);
    expect(item?.vector).toHaveLength(4);
  }, PATIENCE);
}, 180_000);
