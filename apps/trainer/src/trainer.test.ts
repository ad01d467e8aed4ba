import { ModelFileError, subjects } from "@signalpath/contracts";
import { UnavailableError } from "@signalpath/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { DAY, like, openWorld, spec, tasteRows, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

describe("a run", () => {
  it("of an upload ends as a signed, registered, serving version that is announced", async () => {
    const upload = await world.upload(tasteRows(60, 40));
    const model = await world.model();
    await world.start();
    const { id } = await world.request(model.id, spec({ training_data_id: upload }));
    const run = await world.over(id);
    expect(run).toMatchObject({ status: "COMPLETED", version: 1, progress: 1, attempt: 1 });
    expect(run.metrics).toMatchObject({
      gate: { serve: true },
      evaluation: { split: { used: "leave-last-n", test_users: 60 } },
      users: 60,
      items: 40,
    });
    const evaluation = run.metrics["evaluation"] as { baselines: Record<string, unknown> };
    expect(Object.keys(evaluation.baselines)).toEqual(["popular", "item-knn"]);
    expect(run.metrics["ndcg@20"]).toBeGreaterThan(0.2);
    const { row, metadata, scorer } = await world.loaded(model.id, 1);
    expect(row).toMatchObject({ kind: "item-knn", git_version: "0123abc", training_run_id: id });
    expect(row.data_digest).toBe((await world.stores.trainingData.get(upload))?.digest);
    expect(metadata.created_at).toBe(run.created_at);
    expect(scorer.kind).toBe("item-knn");
    expect((await world.stores.modelCatalogue.get(model.id))?.version).toBe(1);
    expect(world.trained).toEqual([
      {
        event: "model_trained",
        model_id: model.id,
        project_id: world.projectId,
        version: 1,
        sha256: row.sha256,
      },
    ]);
    const shares = world.progress.map(({ progress }) => progress);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    const log = await world.stores.trainingRuns.logs(id, { after: 0, limit: 100 });
    expect(log.map(({ message }) => message).join("\n")).toContain("rows read");
  });

  it("of the archive reads what people like, each person once, without bots", async () => {
    const { archive } = world.stores;
    const people = Array.from({ length: 12 }, (_, n) => `p${n}`);
    await archive.put(
      people.flatMap((user_id, n) => [
        like(5_000 + n, { user_id, item_id: "a" }),
        like(4_000 + n, { user_id, item_id: n % 2 === 0 ? "b" : "c" }),
        like(3_000 + n, { user_id, item_id: "gone", reaction: "dislike" }),
      ]),
    );
    await archive.put([
      like(2_000, { user_id: "crawler", item_id: "z", is_bot: true }),
      like(1_900, { anonymous_id: "phone", item_id: "d" }),
      like(1_800, { user_id: "p0", anonymous_id: "phone", item_id: "e" }),
      like(1_700, { anonymous_id: "p1", item_id: "f" }),
      like(1_600, { anonymous_id: "somebody", item_id: "a" }),
    ]);
    const model = await world.model();
    await world.start();
    const { id } = await world.request(model.id, spec({ source: "archive", split: "none" }));
    const run = await world.over(id);
    expect(run).toMatchObject({ status: "COMPLETED", data_rows: 27 });
    const { scorer } = await world.loaded(model.id, 1);
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    expect(text(scorer.items.bytes)).toBe("abcde");
    // The device called p1 is not the user p1.
    expect(text(scorer.users.bytes)).toBe("p0p1p10p11p2p3p4p5p6p7p8p9somebody");
    expect(run.metrics).not.toHaveProperty("evaluation");
  });

  it("gives the same bits for the same seed and data, other ones for another seed", async () => {
    const upload = await world.upload(tasteRows(30, 20));
    await world.start();
    const digests: unknown[] = [];
    const ials = spec({
      training_data_id: upload,
      kind: "ials",
      parameters: { factors: 4, epochs: 2 },
    });
    for (const seed of [1, 1, 2]) {
      const model = await world.model("ials");
      const run = await world.over((await world.request(model.id, { ...ials, seed })).id);
      expect(run.status).toBe("COMPLETED");
      digests.push(run.metrics["tensors_sha256"]);
    }
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });

  it("that cannot be done fails with a code, and what serves stays", async () => {
    const upload = await world.upload(tasteRows(30, 20));
    const model = await world.model();
    await world.start();
    const good = spec({ training_data_id: upload });
    await world.over((await world.request(model.id, good)).id);
    for (const [wish, error_code] of [
      [{ parameters: { nonsense: 1 } }, "PARAMETERS_INVALID"],
      [{ kind: "content-ltr" }, "KIND_UNKNOWN"],
      [{ source: "archive", training_data_id: null }, "NO_DATA"],
    ] as const) {
      const run = await world.over((await world.request(model.id, { ...good, ...wish })).id);
      expect(run).toMatchObject({ status: "FAILED", error_code, version: null });
    }
    expect(await world.stores.modelCatalogue.get(model.id)).toMatchObject({
      version: 1,
      last_version: 1,
    });
    expect(world.trained).toHaveLength(1);
    expect(await world.metricsText()).toContain('training_runs_total{result="failed"} 3');
  });

  it("is refused by its size before anything is read or allocated", async () => {
    const upload = await world.upload(tasteRows(30, 20));
    const model = await world.model();
    await world.start({ options: { ...world.deps.options, maxRows: 10 } });
    const wish = spec({ training_data_id: upload });
    const run = await world.over((await world.request(model.id, wish)).id);
    expect(run).toMatchObject({ status: "FAILED", error_code: "TOO_MANY_ROWS" });
  });
});

describe("auto", () => {
  it("chooses by validation, and with a search its checkpoint spares the next attempt", async () => {
    const upload = await world.upload(tasteRows(60, 40));
    const model = await world.model("auto");
    const wish = spec({
      training_data_id: upload,
      kind: "auto",
      parameters: { kinds: ["popular", "item-knn", "rp3beta"] },
      tune: { trials: 8 },
    });
    const app = await world.start();
    const { id } = await world.request(model.id, wish);
    await world.until(id, "RUNNING");
    const { trainingRuns } = world.stores;
    const tuned = async (): Promise<boolean> =>
      ((await trainingRuns.get(id))?.progress ?? 0) > 0.12;
    await expect.poll(tuned, { interval: 5, timeout: 30_000 }).toBe(true);
    await app.close();
    const given = await trainingRuns.get(id);
    if (given?.status === "PENDING") expect(given.attempt).toBe(0);
    await world.start();
    await world.bus.publish(...wake(id, model.id));
    const run = await world.over(id);
    expect(run.status).toBe("COMPLETED");
    const search = run.metrics["search"] as { asked: number; trials: { "ndcg@20": number }[] };
    expect(search.asked).toBe(8);
    const { row } = await world.loaded(model.id, 1);
    expect(["item-knn", "rp3beta"]).toContain(row.kind);
    const log = await trainingRuns.logs(id, { after: 0, limit: 100 });
    if (given?.status === "PENDING") {
      expect(log.map(({ message }) => message).join()).toContain("of an earlier attempt");
    }
    // The same without an interruption.
    const again = await world.model("auto");
    const other = await world.over((await world.request(again.id, wish)).id);
    expect(other.metrics["tensors_sha256"]).toBe(run.metrics["tensors_sha256"]);
    expect(other.metrics["search"]).toEqual(run.metrics["search"]);
  }, 120_000);
});

describe("promotion", () => {
  it("`better` keeps what serves unless it is beaten; `manual` never serves by itself", async () => {
    const upload = await world.upload(tasteRows(80, 40));
    const model = await world.model();
    await world.start();
    const good = spec({ training_data_id: upload, promotion: "better" });
    const steps = [
      // Behind item-knn on the same data: refused, although nothing serves yet.
      [{ kind: "popular" }, null],
      [{ kind: "item-knn" }, 2],
      [{ kind: "popular" }, 2],
      [{ kind: "item-knn" }, 2],
      [{ kind: "rp3beta", promotion: "manual" }, 2],
      [{ kind: "popular", promotion: "always" }, 6],
    ] as const;
    for (const [at, [wish, serving]] of steps.entries()) {
      const run = await world.over((await world.request(model.id, { ...good, ...wish })).id);
      expect(run).toMatchObject({ status: "COMPLETED", version: at + 1 });
      expect((await world.stores.modelCatalogue.get(model.id))?.version, String(at)).toBe(serving);
      const log = await world.stores.trainingRuns.logs(run.id, { after: 0, limit: 100 });
      const warned = log.some(({ message }) => message.startsWith("item-knn is better"));
      expect(warned).toBe(wish.kind === "popular");
    }
    expect(world.trained).toHaveLength(2);
  }, 60_000);

  it.each([
    ["gone: nobody can load it", new ModelFileError("MODEL_FILE_MISSING", "gone"), 2],
    ["too large for this trainer alone", new ModelFileError("MODEL_TOO_LARGE", "large"), 1],
    ["out of reach", new UnavailableError("model files", "away"), undefined],
  ])("`better` where the serving file is %s", async (_, error, serving) => {
    const upload = await world.upload(tasteRows(30, 20));
    const model = await world.model();
    const reader = { ...world.modelFiles, read: () => Promise.reject(error) };
    await world.start({ modelFiles: { reader, writer: world.modelFiles } });
    const wish = spec({ training_data_id: upload, promotion: "better" });
    await world.over((await world.request(model.id, wish)).id);
    const run = await world.over((await world.request(model.id, wish)).id);
    if (serving === undefined) {
      expect(run).toMatchObject({ status: "FAILED", error_code: "UNAVAILABLE" });
    } else expect(run).toMatchObject({ status: "COMPLETED", version: 2 });
    expect((await world.stores.modelCatalogue.get(model.id))?.version).toBe(serving ?? 1);
  });
});

describe("cancel", () => {
  it("ends a run under way within moments, and the next one is done", async () => {
    const upload = await world.upload(tasteRows(400, 300));
    const model = await world.model("ials");
    await world.start();
    const endless = spec({
      training_data_id: upload,
      kind: "ials",
      parameters: { factors: 256, epochs: 100 },
    });
    const { id } = await world.request(model.id, endless);
    await world.until(id, "RUNNING");
    expect((await world.stores.trainingRuns.cancel(id))?.status).toBe("CANCELLED");
    await world.until(id, "CANCELLED");
    const next = await world.request(model.id, { ...endless, kind: "popular", parameters: {} });
    expect((await world.over(next.id)).status).toBe("COMPLETED");
    expect(await world.stores.trainingRuns.get(id)).toMatchObject({ version: null });
    expect(await world.metricsText()).toContain('training_runs_total{result="cancelled"} 1');
  }, 60_000);
});

describe("schedules", () => {
  it("fire once when their time comes, however many trainers look, and move on", async () => {
    const upload = await world.upload(tasteRows(30, 20));
    const model = await world.model("popular");
    const { retrainingSchedules, trainingRuns } = world.stores;
    const schedule = await retrainingSchedules.create({
      project_id: world.projectId,
      trained_model_id: model.id,
      cron_expression: "0 13 * * *",
      is_enabled: true,
      spec: spec({ training_data_id: upload, kind: "popular" }),
      next_run_at: "2026-06-12T13:00:00.000Z",
    });
    await world.start();
    await world.start();
    const runs = async () => (await trainingRuns.list({ offset: 0, limit: 10 })).rows;
    expect(await runs()).toEqual([]);
    // Two days pass unseen: one run makes up for them.
    world.clock.set(DAY + 49 * 3_600_000);
    await expect.poll(async () => (await runs()).length, { timeout: 30_000 }).toBe(1);
    const [run] = await runs();
    expect(run).toMatchObject({ trigger: "schedule", retraining_schedule_id: schedule.id });
    await world.over(run!.id);
    expect(await retrainingSchedules.get(schedule.id)).toMatchObject({
      next_run_at: "2026-06-15T13:00:00.000Z",
      last_run_status: "COMPLETED",
    });
    expect(await runs()).toHaveLength(1);
  }, 60_000);
});

it("answers probes and metrics, and nothing else", async () => {
  const app = await world.start();
  const get = async (path: string) => app.fetch(new Request(`http://trainer.test${path}`));
  expect((await get("/livez")).status).toBe(200);
  const ready = await get("/readyz");
  expect(await ready.json()).toMatchObject({
    dependencies: { bus: "up", training_runs: "up", archive: "up", model_files: "up" },
  });
  expect(await (await get("/metrics")).text()).toContain("training_running 0");
  expect((await get("/api/v1/trained_model/")).status).toBe(404);
});

function wake(training_run_id: number, trained_model_id: number) {
  const message = { project_id: world.projectId, training_run_id, trained_model_id };
  return [subjects.trainingRequested, message] as const;
}
