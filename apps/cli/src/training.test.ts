import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { EXIT } from "./exit-codes.ts";
import { DONE, MODEL, openRig, RUN, UPLOAD, V1, type Rig } from "./test-rig.ts";

let rig: Rig;
let server: Rig["server"];
let replies: Rig["replies"];
let dir: string;
beforeEach(async () => {
  rig = await openRig();
  ({ server, replies, dir } = rig);
});
afterEach(() => rig.close());
const run: Rig["run"] = (args, options) => rig.run(args, options);

describe("signalpath import interactions", () => {
  it("sends the file as it is, and names the rows that were refused", async () => {
    const path = join(dir, "rows.jsonl");
    await writeFile(path, '{"user_id":"u","item_id":"i"}');
    replies[`POST ${V1}/training_data/`] = [
      { body: UPLOAD, status: 201 },
      {
        status: 422,
        body: {
          code: "VALIDATION_FAILED",
          detail: "1 bad row",
          request_id: "r",
          errors: [{ path: "1.item_id", message: "empty" }],
        },
      },
    ];
    const done = await run(["import", "interactions", path, "--json", "--user-column", "who"]);
    expect(done.code).toBe(EXIT.ok);
    expect(JSON.parse(done.out)).toMatchObject({ id: 4, rows: 2 });
    expect(done.last.path).toBe(
      `${V1}/training_data/?project=1&filename=rows.jsonl&user_column=who`,
    );
    expect(done.last.body).toEqual({ user_id: "u", item_id: "i" });
    const refused = await run(["import", "interactions", path]);
    expect(refused).toMatchObject({ code: EXIT.refused, out: "" });
    expect(refused.err).toBe("VALIDATION_FAILED: 1 bad row; 1.item_id: empty\n");
  });
});

describe("signalpath train", () => {
  beforeEach(() => {
    const asked = { body: { ...MODEL, status: "PENDING", version: null }, status: 202 };
    replies[`POST ${V1}/trained_model/`] = asked;
    replies[`POST ${V1}/trained_model/7/retrain/`] = asked;
    replies[`GET ${V1}/training_run/9/`] = [{ body: RUN }, { body: DONE }];
  });

  it("uploads a file, asks for the run, follows it and shows what the gate said", async () => {
    const path = join(dir, "rows.jsonl");
    await writeFile(path, '{"user_id":"u","item_id":"i"}');
    replies[`POST ${V1}/training_data/`] = { body: UPLOAD, status: 201 };
    const flags = ["--kind", "ease", "--seed", "5", "--tune", "8", "--promotion", "better"];
    const { code, out, err } = await run(["train", "--data", path, ...flags]);
    expect(code, err).toBe(EXIT.ok);
    expect(server.seen[1]?.body).toEqual({
      training_data: 4,
      kind: "ease",
      seed: 5,
      tune: { trials: 8 },
      promotion: "better",
      project: 1,
    });
    expect(server.seen.map(({ method, path: at }) => `${method} ${at.split("?")[0]}`)).toEqual([
      `POST ${V1}/training_data/`,
      `POST ${V1}/trained_model/`,
      `GET ${V1}/training_run/9/`,
      `GET ${V1}/training_run/9/`,
    ]);
    expect(out).toContain("0.3612");
    expect(out).toContain("0.3500 .. 0.3700");
    expect(out).toContain("version 1 (serves)");
    expect(out).toContain("gate: does not serve (not better by more than chance)");
    expect(err).toContain("signalpath models promote 7 2");
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("prints one JSON document, of the next version of a known model too", async () => {
    const done = await run(["train", "--data", "archive", "--model", "7", "--json"]);
    expect(done).toMatchObject({ code: EXIT.ok, err: "" });
    expect(JSON.parse(done.out)).toMatchObject({ id: 9, status: "COMPLETED" });
    expect(server.seen[0]?.path).toBe(`${V1}/trained_model/7/retrain/`);
    expect(server.seen[0]?.body).toEqual({ source: "archive" });
  });

  it("leaves at once with --detach", async () => {
    const { out } = await run(["train", "--data", "4", "--detach"]);
    expect(out).toContain("model 7: training run 9 waits");
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.body).toEqual({ training_data: 4, project: 1 });
  });

  it("cancels the run on Ctrl-C", async () => {
    const cancelled = { ...RUN, status: "CANCELLED" };
    replies[`GET ${V1}/training_run/9/`] = [{ body: RUN }, { body: cancelled }];
    replies[`POST ${V1}/training_run/9/cancel/`] = { body: cancelled };
    const { code, err } = await run(["train", "--data", "4"], { stop: true });
    expect(code).toBe(EXIT.interrupted);
    expect(err).toContain("CANCELLED: training run 9 was ended");
    expect(server.seen.map(({ method }) => method)).toEqual(["POST", "GET", "POST", "GET"]);
  });

  it("says why a run failed, and ends with 1", async () => {
    const failed = { ...RUN, status: "FAILED", error_code: "NO_DATA", error: "no rows" };
    replies[`GET ${V1}/training_run/9/`] = { body: failed };
    const { code, err, out } = await run(["train", "--data", "4"]);
    expect({ code, err, out }).toEqual({
      code: EXIT.incomplete,
      err: "NO_DATA: training run 9: no rows\n",
      out: "",
    });
  });

  it("asks for a training once, though the connection broke", async () => {
    replies[`POST ${V1}/trained_model/`] = { cut: true };
    const { code } = await run(["train", "--data", "4"]);
    expect(code).toBe(EXIT.unavailable);
    expect(server.seen).toHaveLength(1);
  });

  it("refuses what makes no sense before anything is sent", async () => {
    for (const args of [
      ["--data", "4", "--model", "7", "--name", "n"],
      ["--data", "4", "--tune-seconds", "3"],
      ["--data", "4", "--kind", "magic"],
      ["--data", "4", "--parameters", "[1]"],
      ["--data", "4", "--seed", "4294967296"],
      [],
    ]) {
      expect((await run(["train", ...args])).code, args.join(" ")).toBe(EXIT.usage);
    }
    expect(server.seen).toEqual([]);
  });
});
