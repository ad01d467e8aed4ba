import type { ErrorBody } from "@signalpath/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const variations = (ranking?: object) => [
  { index: 0, name: "control", weight: 0.5 },
  { index: 1, name: "new", weight: 0.5, ...(ranking === undefined ? {} : { ranking }) },
];
const TRENDS = { weights: { trend: 2, aversion: -1 }, mmr_lambda: 0.5, bandit: false };

async function refusal(response: Response): Promise<{ status: number } & ErrorBody> {
  return { status: response.status, ...((await response.json()) as ErrorBody) };
}

describe("variations with a ranking", () => {
  it("are given back as they were written", async () => {
    const id = await world.experiment({ variations: variations(TRENDS) });
    expect(await world.ok("GET", `/experiments/${id}`)).toMatchObject({
      variations: variations(TRENDS),
    });
  });

  it.each([
    [{ weights: { trend: -1 } }, "variations.1.ranking.weights.trend"],
    [{ weights: { aversion: 1 } }, "variations.1.ranking.weights.aversion"],
    [{ weights: { charm: 1 } }, "variations.1.ranking.weights"],
    [{ cold_weights: { dismissal: -1 } }, "variations.1.ranking.cold_weights"],
    [{ mmr_lambda: 1.1 }, "variations.1.ranking.mmr_lambda"],
    [{ tag_cap: { max: 0, window: 10 } }, "variations.1.ranking.tag_cap.max"],
    [{ time_of_day: "on" }, "variations.1.ranking.time_of_day"],
    [{ half_life: 3 }, "variations.1.ranking"],
  ])("refuse %j where it is wrong", async (ranking, path) => {
    const body = { name: "x", variations: variations(ranking) };
    const refused = await refusal(await world.request("POST", "/experiments", body));
    expect(refused).toMatchObject({ status: 422, code: "VALIDATION_FAILED" });
    expect(refused.errors?.map((issue) => issue.path).join()).toContain(path);
  });

  it("may be a bandit's: from then on outcomes of its lists are kept", async () => {
    const bandit = { name: "x", variations: variations({ bandit: true }) };
    expect(await world.learning.learners()).toEqual([]);
    const made = await world.ok("POST", "/experiments", bandit);
    expect(made).toMatchObject({ variations: variations({ bandit: true }) });
    expect(await world.learning.learners()).toHaveLength(1);
  });

  it("are frozen while the experiment runs; the same ones again are no change", async () => {
    const id = await world.experiment({ status: "draft", variations: variations() });
    const patch = (body: object) => world.request("PATCH", `/experiments/${id}`, body);
    expect((await patch({ variations: variations(TRENDS) })).status).toBe(200);
    expect((await patch({ status: "running" })).status).toBe(200);
    expect((await patch({ variations: variations(TRENDS) })).status).toBe(200);
    for (const moved of [variations(), variations({ ...TRENDS, mmr_lambda: 0.6 })]) {
      expect(await refusal(await patch({ variations: moved }))).toMatchObject({
        status: 409,
        code: "EXPERIMENT_RUNNING",
      });
    }
    expect(await world.ok("GET", `/experiments/${id}`)).toMatchObject({
      variations: variations(TRENDS),
    });
  });
});
