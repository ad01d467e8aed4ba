import { loadedModels, projectPrediction, type ProjectPrediction } from "@signalpath/contracts";
import { createInferenceGateway } from "@signalpath/inference-gateway/app";
import { createKeyRing } from "@signalpath/model-loader";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { VISITORS } from "./simulator/visitors.ts";
import { openFlow, type Flow } from "./test-flow.ts";
import { trainDemo } from "./train-demo.ts";

let flow: Flow;
beforeEach(async () => {
  flow = await openFlow();
});
afterEach(() => flow.close());

const demoOf = ({ backends, deps, projectId }: Flow, ring = deps.ring) => ({
  backends,
  kit: deps.kit,
  ring,
  files: { reader: deps.modelFiles, writer: deps.modelFiles },
  projectId,
});

async function predict(userId: string): Promise<ProjectPrediction> {
  const path = `/inference/predict/project/${flow.projectId}`;
  return projectPrediction.parse(await flow.json("POST", path, { user_id: userId }));
}

/** Of a list, what does not differ from request to request. */
function lasting(list: ProjectPrediction): Omit<ProjectPrediction, "request_id"> {
  return Object.fromEntries(Object.entries(list).filter(([name]) => name !== "request_id")) as Omit<
    ProjectPrediction,
    "request_id"
  >;
}

describe("predictions", () => {
  it("answer at once for everybody in the demo, from both slots", async () => {
    expect(await trainDemo(demoOf(flow))).toBe(true);
    const slots = new Set<string>();
    for (const { userId } of VISITORS) {
      const list = await predict(userId);
      expect(list.items).toHaveLength(10);
      slots.add(list.slot_name);
    }
    expect(slots).toEqual(new Set(["neighbours", "popular"]));
    const page = loadedModels.parse(await flow.json("GET", "/inference/models"));
    expect(page.count).toBe(2);
  });

  it("are the same from a gateway that runs alone", async () => {
    await trainDemo(demoOf(flow));
    const alone = createInferenceGateway({
      ...flow.deps,
      ...flow.backends,
      random: Math.random,
    });
    for (const { userId } of VISITORS) {
      const url = `http://alone/predict/project/${flow.projectId}`;
      const answer = await alone.fetch(
        new Request(url, {
          method: "POST",
          headers: { "x-api-key": flow.key },
          body: JSON.stringify({ user_id: userId }),
        }),
      );
      const there = projectPrediction.parse(await answer.json());
      expect(lasting(there)).toEqual(lasting(await predict(userId)));
    }
    await alone.close();
  });
});

describe("the models of the demo", () => {
  it("are made once; what somebody removed stays removed", async () => {
    await trainDemo(demoOf(flow));
    const { deploymentSlots, modelCatalogue } = flow.backends;
    const page = { offset: 0, limit: 10 };
    const [first] = (await deploymentSlots.list(page)).rows;
    await deploymentSlots.remove(first?.id ?? 0);
    expect(await trainDemo(demoOf(flow))).toBe(true);
    expect((await deploymentSlots.list(page)).count).toBe(1);
    expect((await modelCatalogue.list(page)).rows.map(({ version }) => version)).toEqual([1, 1]);
  });

  it("are trained again when another secret cannot read them", async () => {
    await trainDemo(demoOf(flow));
    const ring = createKeyRing({ secretKey: "another secret" });
    expect(await trainDemo(demoOf(flow, ring))).toBe(true);
    const { rows } = await flow.backends.modelCatalogue.list({ offset: 0, limit: 10 });
    expect(rows.map(({ version }) => version)).toEqual([2, 2]);
  });

  it("are not made in a project that has slots of its own", async () => {
    const { modelCatalogue, deploymentSlots } = flow.backends;
    const project_id = flow.projectId;
    const own = await modelCatalogue.create({ project_id, kind: "ease" });
    const slot = { project_id, name: "own", weight: 1, is_active: true };
    await deploymentSlots.create({ ...slot, trained_model_id: own.id });
    expect(await trainDemo(demoOf(flow))).toBe(true);
    expect((await modelCatalogue.list({ offset: 0, limit: 10 })).count).toBe(1);
  });
});
