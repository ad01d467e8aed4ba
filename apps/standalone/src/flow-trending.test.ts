import { itemActivity, recommendResponse } from "@signalpath/contracts";
import { UnavailableError } from "@signalpath/ports";
import { expect, it, onTestFinished, vi } from "vitest";

import { like, openFlow } from "./test-flow.ts";

const PATIENCE = { timeout: 30_000, interval: 50 };
const PEOPLE = ["bo", "cy", "di", "ed", "flo"];

it("a burst of likes trends before the counts are read again, and the reading counts it once", async () => {
  const flow = await openFlow();
  onTestFinished(() => flow.close());
  const list = async () =>
    recommendResponse.parse(
      await flow.json("GET", "/api/recommend?user_id=ann&limit=20&explain=true"),
    );
  const before = await list();
  expect(before.diagnostics.sources.trending ?? 0).toBe(0);
  const item = before.items.at(-1)?.item_id ?? "";

  // No reading succeeds for now: what trends was heard.
  const { itemStats } = flow.deps.backends;
  const reading = vi
    .spyOn(itemStats, "itemHours")
    .mockRejectedValue(new UnavailableError("postgres", "away"));
  onTestFinished(() => reading.mockRestore());
  const batch = PEOPLE.map((person, n) => like(`burst${n}`, person, item, Date.now()));
  await flow.json("POST", "/api/ingest", { batch });
  await flow.json("POST", "/api/ingest", { batch });
  await vi.waitFor(async () => {
    const { diagnostics, items } = await list();
    expect(diagnostics.sources.trending).toBe(1);
    const found = items.find(({ item_id }) => item_id === item);
    expect(found?.contributions.trend).toBeGreaterThan(0);
  }, PATIENCE);
  const positives = async () =>
    itemActivity.parse(await flow.json("GET", `/api/content/${item}/activity`)).totals.positive;
  await vi.waitFor(async () => expect(await positives()).toBe(PEOPLE.length), PATIENCE);

  reading.mockRestore();
  const read = vi.spyOn(itemStats, "itemHours");
  onTestFinished(() => read.mockRestore());
  await vi.waitFor(async () => {
    expect(read).toHaveBeenCalled();
    expect((await list()).diagnostics.degraded).not.toContain("item_stats");
  }, PATIENCE);
  expect(await positives()).toBe(PEOPLE.length);
  expect((await list()).diagnostics.sources.trending).toBe(1);
});
