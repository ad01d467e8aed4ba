import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { RANKER_FEATURES } from "@signalpath/models";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { EXIT } from "../exit-codes.ts";
import { openRig, V1, type Rig } from "../test-rig.ts";

const SECRET = { SECRET_KEY: "secret of the tests" };
const interval = (value: number) => ({ value, low: value - 0.1, high: value + 0.1 });
const STATUS = {
  project: 1,
  mode: "bandit",
  model_id: null,
  forced: false,
  promoted_by: null,
  changed_at: "2026-06-12T12:00:00.000Z",
  status: "learning",
  updates: 80,
  decisions: 8,
  mean_reward: 0.25,
  updated_at: "2026-06-12T12:00:00.000Z",
  weights: [{ scorer: "quality", shift: 0.31, deviation: 0.05, confidence: 0.7 }],
};

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.close());

describe("signalpath learning", () => {
  it("shows the health of a learner", async () => {
    rig.replies[`GET ${V1}/learning/`] = { body: STATUS };
    const { code, out } = await rig.run(["learning", "status"]);
    expect(code).toBe(EXIT.ok);
    for (const part of ["bandit", "learning", "80", "quality", "0.3100"])
      expect(out).toContain(part);
  });

  it("shows estimates of a ranking", async () => {
    const estimates = {
      logged: interval(0.2),
      ips: interval(0.3),
      snips: interval(0.3),
      doubly_robust: interval(0.3),
      gain: { value: 0.1, low: null, high: null },
    };
    const body = { target: "model:3", slots: 9, effective: 4, promotable: false, ...estimates };
    rig.replies[`GET ${V1}/learning/evaluate/`] = { body };
    const args = ["learning", "evaluate", "--target", "ltr", "--model", "3"];
    const { code, out, last } = await rig.run(args);
    expect(code).toBe(EXIT.ok);
    expect(last.path).toContain("target=ltr&model_id=3");
    expect(out).toContain("doubly robust");
    expect(out).toContain("does not surely beat");
  });

  it("serves a ranking, by force where that is said, and tells of a refusal", async () => {
    const path = `PUT ${V1}/learning/policy/`;
    rig.replies[path] = { body: STATUS };
    const args = ["learning", "serve", "ltr", "--model", "3"];
    const forced = await rig.run([...args, "--force"]);
    expect(forced.last.body).toEqual({ mode: "ltr", model_id: 3, force: true });
    rig.replies[path] = {
      status: 409,
      body: { code: "PROMOTION_REFUSED", detail: "the gain is 0", request_id: "r-12345678" },
    };
    const refused = await rig.run(args);
    expect(refused.code).not.toBe(EXIT.ok);
    expect(refused.err).toContain("PROMOTION_REFUSED");
  });

  it("trains a ranker into a signed file that verifies; of nothing it trains none", async () => {
    const x = RANKER_FEATURES.map(() => 0.5);
    const path = `GET ${V1}/learning/examples/`;
    const out = join(rig.dir, "ranker.spm");
    rig.replies[path] = { body: { features: [...RANKER_FEATURES], examples: [] } };
    const args = ["learning", "train", "--out", out];
    expect((await rig.run(args, { env: SECRET })).err).toContain("NO_DATA");
    const examples = [0, 1, 1].map((reward) => ({ x, reward }));
    rig.replies[path] = { body: { features: [...RANKER_FEATURES], examples } };
    expect(await rig.run(args, { env: SECRET })).toMatchObject({ code: EXIT.ok });
    const verified = await rig.run(["models", "verify", out, "--json"], { env: SECRET });
    expect(JSON.parse(verified.out)).toMatchObject({
      verified: true,
      kind: "content-ltr",
      rows: 3,
    });
    expect((await rig.run(args, { env: SECRET })).err).toContain("exists");
  });

  it("wraps a LightGBM text model, and refuses what is none", async () => {
    const file = join(rig.dir, "trees.txt");
    const args = ["learning", "wrap-trees", file, "--out", join(rig.dir, "trees.spm")];
    await writeFile(file, "a pickle");
    expect((await rig.run(args, { env: SECRET })).err).toContain("LightGBM text model");
    const header = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\n";
    const tree = "Tree=0\nnum_leaves=1\nnum_cat=0\nleaf_value=0.5\n\nend of trees\n";
    await writeFile(file, `${header}objective=binary sigmoid:1\nfeature_names=quality\n\n${tree}`);
    expect(await rig.run(args, { env: SECRET })).toMatchObject({ code: EXIT.ok });
    const verified = await rig.run(["models", "verify", args[4] ?? "", "--json"], { env: SECRET });
    expect(JSON.parse(verified.out)).toMatchObject({ kind: "content-ltr" });
  });
});
