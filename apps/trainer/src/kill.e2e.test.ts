import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openModelFiles, openStores, type Stores } from "@signalpath/backends";
import { createInlineChecker, createKeyRing, openArtefact } from "@signalpath/model-loader";
import type { TrainingRow } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";
import { startApp, type AppProcess } from "@signalpath/stack/app-process.ts";
import { expect, onTestFinished, test, vi } from "vitest";

import { spec, tasteRows } from "./test-world.ts";

const SECRET_KEY = "a-secret-for-tests-that-is-long-enough-0123456789";
const ENDED = '"training run ended"';
const WAIT = { timeout: 180_000, interval: 50 };

async function world() {
  const dir = await mkdtemp(join(tmpdir(), "signalpath-trainer-kill-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const env = { SIGNALPATH_DATA_DIR: dir, SECRET_KEY, TRAINER_LEASE_S: "2", TRAINER_POLL_S: "0.2" };
  const media = join(dir, "media");
  /** Looks at the tables, while no trainer has them. */
  const look = async <T>(work: (stores: Stores) => Promise<T>): Promise<T> => {
    const opening = { service: "test", now: Date.now, sha256, warn: () => {}, onError: () => {} };
    const stores = await openStores({ NODE_ENV: "test", SIGNALPATH_DATA_DIR: dir }, opening);
    try {
      return await work(stores);
    } finally {
      await stores.close();
    }
  };
  const running: AppProcess[] = [];
  onTestFinished(async () => {
    for (const app of running) if (app.pid() !== undefined) await app.kill("SIGKILL");
  });
  return {
    look,
    media,
    start: async (): Promise<AppProcess> => {
      const app = await startApp("trainer", env);
      running.push(app);
      return app;
    },
  };
}

/** The version that serves, once its artefact was found whole, signed and the row's. */
async function verifyServed(stores: Stores, media: string, modelId: number): Promise<number> {
  const { reader } = await openModelFiles(media, { writes: false });
  const [served] = await stores.modelCatalogue.served([modelId]);
  if (served === undefined) throw new Error("none serves");
  const ring = createKeyRing({ secretKey: SECRET_KEY });
  const row = { ...served, model_id: modelId };
  await openArtefact(row, { files: reader, ring, checker: createInlineChecker() });
  return served.version;
}

/** A project with an upload and a model that was never trained. */
async function shop(
  { projects, trainingData, modelCatalogue }: Stores,
  rows: readonly TrainingRow[],
): Promise<{ training_data_id: number; trained_model_id: number }> {
  const { id: project_id } = await projects.create("shop");
  async function* batches() {
    yield rows;
  }
  const columns = ["user_id", "item_id", "timestamp"];
  const upload = await trainingData.store({ project_id, filename: "rows.csv", columns }, batches());
  const model = await modelCatalogue.create({ project_id, kind: "auto" });
  return { training_data_id: upload.id, trained_model_id: model.id };
}

function logged(app: AppProcess, text: string): Promise<void> {
  return vi.waitFor(() => expect(app.log()).toContain(text), WAIT);
}

test("kill -9 in a search: what served goes on serving, the run goes on from where it was", async () => {
  const { look, start, media } = await world();
  const { modelId, runId } = await look(async (stores) => {
    const { trainingRuns } = stores;
    const { trained_model_id, training_data_id } = await shop(stores, tasteRows(200, 120));
    const run = { trained_model_id, trigger: "create" } as const;
    await trainingRuns.request({ ...run, spec: spec({ training_data_id, kind: "popular" }) });
    const search = spec({
      training_data_id,
      kind: "ials",
      parameters: { factors: 64, epochs: 16 },
      tune: { trials: 5 },
    });
    const { id } = await trainingRuns.request({ ...run, spec: search });
    return { modelId: trained_model_id, runId: id };
  });
  const victim = await start();
  await logged(victim, "trial 0/2");
  // A heartbeat or two, so that some of the scores are written down.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(victim.log().split(ENDED)).toHaveLength(2);
  await victim.kill("SIGKILL");
  await look(async (stores) => {
    expect(await stores.trainingRuns.get(runId)).toMatchObject({
      status: "RUNNING",
      attempt: 1,
      version: null,
    });
    expect(await verifyServed(stores, media, modelId)).toBe(1);
  });

  const heir = await start();
  await logged(heir, ENDED);
  expect(await heir.kill("SIGTERM")).toBe(0);
  expect(heir.log()).toContain("of an earlier attempt are taken over");
  await look(async (stores) => {
    expect(await stores.trainingRuns.get(runId)).toMatchObject({
      status: "COMPLETED",
      attempt: 2,
      version: 2,
    });
    expect(await verifyServed(stores, media, modelId)).toBe(2);
  });
  const files = await readdir(join(media, String(modelId)));
  expect(files.filter((name) => name.endsWith(".spm"))).toHaveLength(2);
}, 400_000);

test("SIGTERM in a run: it is given back at once, and no attempt is lost", async () => {
  const { look, start } = await world();
  const id = await look(async (stores) => {
    const { trained_model_id, training_data_id } = await shop(stores, tasteRows(400, 300));
    const parameters = { factors: 256, epochs: 100 };
    const endless = spec({ training_data_id, kind: "ials", parameters });
    const run = { trained_model_id, trigger: "create", spec: endless } as const;
    return (await stores.trainingRuns.request(run)).id;
  });
  const app = await start();
  await logged(app, "rows read");
  expect(await app.kill("SIGTERM")).toBe(0);
  await look(async ({ trainingRuns }) => {
    const given = { status: "PENDING", attempt: 0, worker: null, version: null };
    expect(await trainingRuns.get(id)).toMatchObject(given);
  });
}, 200_000);
