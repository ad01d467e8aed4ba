import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";

import { subjects } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import {
  createInlineChecker,
  createKeyRing,
  createModelLoader,
  type KeyRingOptions,
} from "@signalpath/model-loader";
import { createRandom, modelKinds } from "@signalpath/models";
import {
  createManualClock,
  createMemoryArchive,
  createMemoryBus,
  createMemoryCatalogue,
  createMemoryDeadLetters,
  createMemoryModelFiles,
  createMemoryProjects,
  createMemoryTraining,
  type Archive,
  type ArchiveReader,
  type RunSpec,
  type TrainingRow,
  type TrainingRun,
  type TrainingStores,
} from "@signalpath/ports";
import { createLogger, createMetrics, sha256, type App } from "@signalpath/service-kit";

import { createTrainer } from "./app.ts";
import type { TrainerDeps } from "./deps.ts";

/** Start of the tests' day. */
export const DAY = Date.UTC(2026, 5, 12, 12);
const HOUR = 3_600_000;
export const SIGNING: KeyRingOptions = { secretKey: "a secret of the tests that is long enough" };

/** People of two tastes: each has most of one half of the items and some of the other. */
export function tasteRows(people: number, items: number, seed = 5): TrainingRow[] {
  const random = createRandom(seed, "rows");
  return Array.from({ length: people }, (_, person) =>
    Array.from({ length: items }, (_item, item) => item)
      .filter((item) => random() < (item % 2 === person % 2 ? 0.6 : 0.08))
      .map((item) => ({
        user_id: `u${person}`,
        item_id: `i${item}`,
        weight: 1,
        time: DAY - HOUR * Math.floor(10_000 * random()),
      })),
  ).flat();
}

export const spec = (rest: Partial<RunSpec> = {}): RunSpec => ({
  source: "training_data",
  training_data_id: null,
  kind: "item-knn",
  parameters: {},
  tune: null,
  seed: 1,
  split: "leave-last-n",
  promotion: "always",
  ...rest,
});

/** Tables and archive over memory, or those of somewhere else. */
export interface WorldStores extends TrainingStores {
  archive: Archive;
  reader: ArchiveReader;
  projects: ReturnType<typeof createMemoryProjects>;
  catalogue: ReturnType<typeof createMemoryCatalogue>;
}

function memoryStores(now: () => number): WorldStores {
  const projects = createMemoryProjects({ now });
  const deadLetters = createMemoryDeadLetters({ sha256 });
  const { archive, reader } = createMemoryArchive({ sha256, now, deadLetters });
  const training = createMemoryTraining({ projects, now, newId: randomUUID });
  return { ...training, archive, reader, projects, catalogue: createMemoryCatalogue() };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** Everything a trainer needs, and the means to look at it. Nothing is started. */
export async function openWorld(
  options: { stores?: WorldStores; trainer?: TrainerDeps["options"] } = {},
) {
  const clock = createManualClock(DAY);
  const stores = options.stores ?? memoryStores(clock.now);
  const bus = createMemoryBus({ now: clock.now });
  const modelFiles = createMemoryModelFiles();
  const lines: string[] = [];
  const kit = {
    logger: createLogger({ service: "test", level: "warn", write: (line) => lines.push(line) }),
    metrics: createMetrics("test"),
    now: clock.now,
    newId: randomUUID,
  };
  const heard = new EventEmitter();
  const progress: { status: string; progress: number; stage: string | null; run: number }[] = [];
  await bus.hear(subjects.trainingProgress.name, ({ body }) => {
    const { training_run_id: run, ...state } = subjects.trainingProgress.schema.parse(
      JSON.parse(body),
    );
    progress.push({ ...state, run });
    heard.emit(`${run}/${state.status}`);
  });
  const trained: unknown[] = [];
  await bus.hear(subjects.modelTrained.name, ({ body }) => trained.push(JSON.parse(body)));
  const project = await stores.projects.create("shop");
  const deps: TrainerDeps = {
    ...stores,
    kit,
    version: "test",
    state: () => "running",
    bus,
    modelFiles: { reader: modelFiles, writer: modelFiles },
    signing: SIGNING,
    gitVersion: "0123abc",
    options: { pollMs: 20, heartbeatMs: 10, retryPausesMs: [1, 1], ...options.trainer },
  };
  const apps: App[] = [];
  const load = createModelLoader({
    files: modelFiles,
    ring: createKeyRing(SIGNING),
    checker: createInlineChecker(),
    kinds: modelKinds,
  });

  return {
    clock,
    stores,
    bus,
    deps,
    modelFiles,
    lines,
    progress,
    trained,
    projectId: project.id,
    metricsText: () => kit.metrics.text(),
    async start(change: Partial<TrainerDeps> = {}): Promise<App> {
      const app = createTrainer({ ...deps, ...change });
      apps.push(app);
      await app.start();
      return app;
    },
    async upload(rows: readonly TrainingRow[]): Promise<number> {
      const timed = rows[0]?.time !== undefined;
      const columns = ["user_id", "item_id", ...(timed ? ["timestamp"] : [])];
      async function* batches() {
        yield rows;
      }
      const about = { project_id: project.id, filename: "rows.csv", columns };
      return (await stores.trainingData.store(about, batches())).id;
    },
    model: async (kind = "item-knn") =>
      stores.modelCatalogue.create({ project_id: project.id, kind }),
    /** Asks for a run, and wakes whoever listens. */
    async request(modelId: number, wish: RunSpec): Promise<TrainingRun> {
      const run = await stores.trainingRuns.request({
        trained_model_id: modelId,
        trigger: "create",
        spec: wish,
      });
      await bus.publish(subjects.trainingRequested, {
        project_id: project.id,
        training_run_id: run.id,
        trained_model_id: modelId,
      });
      return run;
    },
    /** Resolves once somebody told that the run is in this state. */
    async until(runId: number, ...states: string[]): Promise<TrainingRun> {
      if (!progress.some(({ run, status }) => run === runId && states.includes(status))) {
        const enough = new AbortController();
        const { signal } = enough;
        const heardOf = states.map((status) => once(heard, `${runId}/${status}`, { signal }));
        await Promise.race(heardOf);
        enough.abort();
        await Promise.allSettled(heardOf);
      }
      return (await stores.trainingRuns.get(runId)) as TrainingRun;
    },
    async over(runId: number): Promise<TrainingRun> {
      return this.until(runId, "COMPLETED", "FAILED", "CANCELLED");
    },
    /** The artefact of a version, verified and decoded as a gateway does it. */
    async loaded(modelId: number, version: number) {
      const row = await stores.modelCatalogue.version(modelId, version);
      if (row === undefined) throw new Error("no such version");
      const { metadata, scorer } = await load({ ...row, model_id: modelId });
      return { row, metadata, scorer };
    },
    async close(): Promise<void> {
      for (const app of apps) await app.close();
      await bus.close();
    },
  };
}

/** A like of an item by somebody, archived at `DAY` less `agoMs`. */
export function like(agoMs: number, rest: Partial<SignalEvent>): SignalEvent {
  const time = new Date(DAY - agoMs).toISOString();
  return {
    event_id: randomUUID(),
    project_id: 1,
    kind: "feedback",
    reaction: "like",
    occurred_at: time,
    received_at: time,
    ...rest,
  };
}
