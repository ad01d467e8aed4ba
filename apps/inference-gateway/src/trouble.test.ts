import { UnavailableError } from "@signalpath/ports";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
let model: number;
beforeEach(async () => {
  world = await openWorld();
  model = await world.model();
});
afterEach(() => world.close());

const USER = { user_id: "u1" };

describe("our own trouble", () => {
  test("a damaged artefact is 503 and tells no path", async () => {
    const damaged = await world.model({ corrupt: true });
    const answer = await world.post(`/predict/${damaged}`, USER);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      code: "MODEL_LOAD_FAILED",
      detail: expect.stringMatching(
        new RegExp(`^Model ${damaged} failed to load: MODEL_[A-Z_]+$`),
      ) as string,
    });
    expect(answer.headers.get("retry-after")).toBe("30");
  });

  test("files out of reach tell no path either", async () => {
    world.files.state.away = true;
    const answer = await world.post(`/predict/${model}`, USER);
    const text = await answer.text();
    expect(answer.status).toBe(503);
    expect(text).not.toMatch(/srv|secret|\.spm/);
    expect(answer.headers.get("retry-after")).toBe("5");
    world.files.state.away = false;
    world.clock.advance(5_000);
    expect((await world.post(`/predict/${model}`, USER)).status).toBe(200);
  });

  test("a key that cannot be checked is 503, never 401", async () => {
    const down = await openWorld();
    down.keys.findByHash = async () => {
      throw new UnavailableError("postgres", "10.0.0.7 refused");
    };
    const answer = await down.post("/predict/1", USER);
    expect([answer.status, await answer.json()]).toMatchObject([
      503,
      { code: "STORE_UNAVAILABLE" },
    ]);
    expect(answer.headers.get("retry-after")).toBe("5");
    await down.close();
  });

  test("what nobody expected is 500 without its text", async () => {
    const broken = await openWorld(() => ({
      modelCatalogue: {
        served: async () => {
          throw new Error("/srv/secret/place: oh no");
        },
        check: async () => undefined,
      },
    }));
    const answer = await broken.post("/predict/1", USER);
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ code: "INTERNAL", detail: "internal error" });
    await broken.close();
  });
});
