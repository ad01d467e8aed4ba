import { describe, expect, test } from "vitest";

import { iso, NOON } from "../archive/contract-parts.ts";
import { RefusedError } from "../errors.ts";
import {
  newVersion,
  runSpec,
  twoProjects,
  type MakeTraining,
} from "../model-catalogue/under-test.ts";
import { MAX_RUN_ATTEMPTS, MAX_RUN_LOG_LINES, type RunLease } from "./port.ts";

const LEASE = { worker: "w1", lease_ms: 30_000 };

async function open(make: MakeTraining) {
  const parts = await twoProjects(make);
  const { modelCatalogue, trainingRuns: runs } = parts;
  const model = await modelCatalogue.create({ project_id: parts.project, kind: "auto" });
  const foreign = await modelCatalogue.create({ project_id: parts.other, kind: "auto" });
  const request = (id = model.id) =>
    runs.request({ trained_model_id: id, trigger: "create", spec: runSpec() });
  const claim = async (options: object = {}): Promise<RunLease> => {
    const lease = await runs.claim({ ...LEASE, ...options });
    if (lease === undefined) throw new Error("nothing to claim");
    return lease;
  };
  return { ...parts, runs, model, foreign, request, claim };
}

/** Every promise of `TrainingRuns`. */
export function trainingRunsContract(make: MakeTraining): void {
  describe("TrainingRuns", () => {
    requesting(make);
    leasing(make);
    finishing(make);
  });
}

function requesting(make: MakeTraining): void {
  test("a request waits as a row", async () => {
    const { runs, model, project, request } = await open(make);
    const run = await request();
    expect(run).toEqual({
      id: 1,
      project_id: project,
      trained_model_id: model.id,
      trigger: "create",
      retraining_schedule_id: null,
      spec: runSpec(),
      status: "PENDING",
      progress: 0,
      stage: null,
      attempt: 0,
      worker: null,
      version: null,
      metrics: {},
      data_rows: null,
      data_digest: null,
      error_code: null,
      error: null,
      created_at: iso(NOON),
      started_at: null,
      heartbeat_at: null,
      finished_at: null,
    });
    expect(await runs.get(1)).toEqual(run);
    expect(await runs.get(2)).toBeUndefined();
    await runs.check();
  });

  test("refuses an unknown model and another project's upload", async () => {
    const { runs, model, other, trainingData, request } = await open(make);
    await expect(request(99)).rejects.toThrow(RefusedError);
    const rows = async function* () {
      yield [{ user_id: "u", item_id: "i", weight: 1 }];
    };
    const upload = { project_id: other, filename: "r.csv", columns: [] };
    const { id } = await trainingData.store(upload, rows());
    const spec = runSpec({ source: "training_data", training_data_id: id });
    const wish = { trained_model_id: model.id, trigger: "create", spec } as const;
    await expect(runs.request(wish)).rejects.toThrow(RefusedError);
  });

  test("lists newest first, by project, model and status; knows the latest of models", async () => {
    const { runs, project, model, foreign, request, claim } = await open(make);
    for (const id of [model.id, foreign.id, model.id]) await request(id);
    await claim();
    const ids = async (filter: object) =>
      (await runs.list({ offset: 0, limit: 10, ...filter })).rows.map(({ id }) => id);
    expect(await ids({})).toEqual([3, 2, 1]);
    expect(await ids({ project_id: project })).toEqual([3, 1]);
    expect(await ids({ trained_model_id: foreign.id })).toEqual([2]);
    expect(await ids({ status: "RUNNING" })).toEqual([1]);
    expect(await runs.list({ offset: 1, limit: 1 })).toMatchObject({ count: 3, rows: [{ id: 2 }] });
    const latest = await runs.latestOf([foreign.id, model.id, 99]);
    expect(latest.map(({ id }) => id)).toEqual([3, 2]);
  });
}

function leasing(make: MakeTraining): void {
  test("one runs in a project, the oldest first; another project's does not wait for it", async () => {
    const { runs, model, foreign, project, request } = await open(make);
    for (const id of [model.id, model.id, foreign.id]) await request(id);
    const first = await runs.claim(LEASE);
    expect(first).toMatchObject({ checkpoint: null, until: NOON + LEASE.lease_ms });
    expect(first?.run).toMatchObject({
      id: 1,
      status: "RUNNING",
      attempt: 1,
      worker: "w1",
      started_at: iso(NOON),
      heartbeat_at: iso(NOON),
    });
    expect(await runs.claim({ ...LEASE, project_id: project })).toBeUndefined();
    expect(await runs.claim({ ...LEASE, run_id: 2 })).toBeUndefined();
    expect((await runs.claim(LEASE))?.run.id).toBe(3);
    expect(await runs.claim(LEASE)).toBeUndefined();
    await runs.fail(first as RunLease, { error_code: "NO_DATA", error: "no rows" });
    expect((await runs.claim({ ...LEASE, run_id: 2 }))?.run.id).toBe(2);
  });

  test("of workers that claim at once, one a project gets a run", async () => {
    const { runs, model, foreign, request } = await open(make);
    for (let n = 0; n < 4; n++) for (const { id } of [model, foreign]) await request(id);
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, n) => runs.claim({ worker: `w${n}`, lease_ms: 1_000 })),
    );
    const got = claims.flatMap((lease) => lease?.run.id ?? []);
    expect(got.toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  test("a heartbeat keeps the lease, shows progress and saves a checkpoint", async () => {
    const { runs, clock, request, claim } = await open(make);
    await request();
    const lease = await claim();
    clock.advance(20_000);
    const beat = { lease_ms: 30_000, progress: 0.5, stage: "tuning" };
    expect(await runs.heartbeat(lease, { ...beat, checkpoint: { trial: 3 } })).toBe(true);
    expect(await runs.heartbeat(lease, { ...beat, progress: 0.25 })).toBe(true);
    expect(await runs.get(1)).toMatchObject({
      progress: 0.5,
      stage: "tuning",
      heartbeat_at: iso(NOON + 20_000),
    });
    clock.advance(29_999);
    expect(await runs.claim({ ...LEASE, worker: "w2" })).toBeUndefined();
    clock.advance(1);
    const second = await claim({ worker: "w2" });
    expect(second).toMatchObject({
      checkpoint: { trial: 3 },
      run: { id: 1, attempt: 2, progress: 0 },
    });
    expect(second.run.started_at).toBe(iso(NOON));
  });

  test("a worker that lost its lease changes nothing any more", async () => {
    const { runs, clock, modelCatalogue, model, request, claim } = await open(make);
    await request();
    const old = await claim();
    clock.advance(30_000);
    const fresh = await claim({ worker: "w2" });
    const result = { version: newVersion(model, 1), serve: true, metrics: {} };
    expect(await runs.heartbeat(old, { lease_ms: 9e6, progress: 1, stage: "x" })).toBe(false);
    expect(await runs.log(old, [{ logged_at: iso(NOON), level: "info", message: "m" }])).toBe(
      false,
    );
    expect(await runs.fail(old, { error_code: "X", error: "x" })).toBe(false);
    expect(await runs.release(old)).toBe(false);
    expect(await runs.complete(old, result)).toBe(false);
    expect(await modelCatalogue.get(model.id)).toMatchObject({ last_version: 0 });
    expect(await runs.get(1)).toEqual(fresh.run);
    expect(await runs.complete(fresh, result)).toBe(true);
    expect(await runs.complete(fresh, result)).toBe(false);
  });

  test("gives up a run whose workers died too often, and the next one runs", async () => {
    const { runs, clock, request, claim } = await open(make);
    await request();
    await request();
    for (let n = 1; n <= MAX_RUN_ATTEMPTS; n++) {
      expect((await claim()).run).toMatchObject({ id: 1, attempt: n });
      clock.advance(30_000);
    }
    expect((await claim()).run.id).toBe(2);
    expect(await runs.get(1)).toMatchObject({
      status: "FAILED",
      error_code: "WORKER_LOST",
      finished_at: iso(NOON + 30_000 * MAX_RUN_ATTEMPTS),
    });
  });

  test("a run that is given back counts no attempt and keeps its checkpoint", async () => {
    const { runs, request, claim } = await open(make);
    await request();
    const lease = await claim();
    await runs.heartbeat(lease, { lease_ms: 1, progress: 0.1, stage: "x", checkpoint: [1] });
    expect(await runs.release(lease)).toBe(true);
    expect(await runs.get(1)).toMatchObject({ status: "PENDING", attempt: 0, worker: null });
    expect(await claim()).toMatchObject({ checkpoint: [1], run: { attempt: 1 } });
  });
}

function finishing(make: MakeTraining): void {
  test("completion registers the version with it, or neither happens", async () => {
    const { runs, clock, modelCatalogue, model, request, claim } = await open(make);
    await request();
    const lease = await claim();
    const wrong = { version: newVersion(model, 2), serve: true, metrics: {} };
    await expect(runs.complete(lease, wrong)).rejects.toThrow(RefusedError);
    expect(await runs.get(1)).toMatchObject({ status: "RUNNING" });
    clock.advance(1_000);
    const version = newVersion(model, 1);
    const metrics = { "ndcg@10": 0.25 };
    expect(await runs.complete(lease, { version, serve: true, metrics })).toBe(true);
    expect(await runs.get(1)).toMatchObject({
      status: "COMPLETED",
      progress: 1,
      version: 1,
      metrics,
      data_rows: version.data_rows,
      data_digest: version.data_digest,
      finished_at: iso(NOON + 1_000),
    });
    expect(await modelCatalogue.get(model.id)).toMatchObject({ version: 1 });
    expect(await modelCatalogue.version(model.id, 1)).toMatchObject({ training_run_id: 1 });
  });

  test("a failure leaves what serves", async () => {
    const { runs, modelCatalogue, model, request, claim } = await open(make);
    await modelCatalogue.register(newVersion(model, 1), { serve: true });
    await request();
    const lease = await claim();
    expect(await runs.fail(lease, { error_code: "NO_DATA", error: "é" })).toBe(true);
    expect(await runs.get(1)).toMatchObject({
      status: "FAILED",
      error_code: "NO_DATA",
      error: "é",
    });
    expect(await modelCatalogue.get(model.id)).toMatchObject({ version: 1 });
  });

  test("cancelling ends a run that waits or runs, once", async () => {
    const { runs, clock, request, claim } = await open(make);
    await request();
    await request();
    const lease = await claim();
    expect(await runs.cancel(1)).toMatchObject({ status: "CANCELLED", finished_at: iso(NOON) });
    clock.advance(1_000);
    expect(await runs.cancel(1)).toMatchObject({ finished_at: iso(NOON) });
    expect(await runs.heartbeat(lease, { lease_ms: 1, progress: 1, stage: "x" })).toBe(false);
    expect(await runs.cancel(2)).toMatchObject({ status: "CANCELLED", started_at: null });
    expect(await runs.cancel(9)).toBeUndefined();
    expect(await runs.claim(LEASE)).toBeUndefined();
  });

  test("log lines are numbered, paged and capped", async () => {
    const { runs, request, claim } = await open(make);
    await request();
    const lease = await claim();
    const line = (n: number) =>
      ({ logged_at: iso(NOON + n), level: "warn", message: `line ${n}` }) as const;
    await runs.log(lease, [line(1), line(2)]);
    await runs.log(lease, []);
    await runs.log(lease, [line(3)]);
    expect(await runs.logs(1, { after: 1, limit: 1 })).toEqual([{ sequence: 2, ...line(2) }]);
    expect(await runs.logs(9, { after: 0, limit: 9 })).toEqual([]);
    await runs.log(
      lease,
      Array.from({ length: MAX_RUN_LOG_LINES }, (_, n) => line(n + 4)),
    );
    const last = await runs.logs(1, { after: MAX_RUN_LOG_LINES - 1, limit: 9 });
    expect(last).toEqual([{ sequence: MAX_RUN_LOG_LINES, ...line(MAX_RUN_LOG_LINES) }]);
  });
}
