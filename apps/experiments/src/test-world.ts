import { randomUUID } from "node:crypto";

import type { Scope } from "@signalpath/contracts";
import {
  createManualClock,
  createMemoryAbTests,
  createMemoryLearning,
  createMemoryArchive,
  createMemoryBus,
  createMemoryExperimentEvents,
  createMemoryExperiments,
  createMemoryKeys,
  createMemoryProjects,
  createMemoryTraining,
} from "@signalpath/ports";
import {
  createAuthenticator,
  createLogger,
  createMetrics,
  derivePepper,
  mintKey,
  sha256,
} from "@signalpath/service-kit";

import { createExperiments } from "./app.ts";
import type { ExperimentsDeps } from "./deps.ts";

/** experiments over memory keepers, with two projects and keys of each scope. For tests. */
export async function openWorld(
  change: (deps: ExperimentsDeps) => Partial<ExperimentsDeps> = () => ({}),
) {
  const clock = createManualClock();
  const { now } = clock;
  const kit = {
    logger: createLogger({ service: "test", level: "silent" }),
    metrics: createMetrics("test"),
    now,
    newId: randomUUID,
  };
  const bus = createMemoryBus({ now });
  const projects = createMemoryProjects({ now });
  const keys = createMemoryKeys({ projects, now });
  const memory = createMemoryExperimentEvents({ sha256, now });
  const { archive } = createMemoryArchive({ sha256, now, experiments: memory });
  const { learning } = createMemoryLearning({ sha256, now });
  const training = createMemoryTraining({ projects, now, newId: randomUUID });
  const pepper = derivePepper("secret of the tests");
  const authenticator = createAuthenticator({ keys, pepper, now, logger: kit.logger });
  const project = await projects.create("shop");
  const other = await projects.create("other");

  async function issue(projectId: number, scopes: Scope[]): Promise<string> {
    const { key, prefix, hash } = mintKey(pepper);
    await keys.create({ projectId, name: scopes.join(), kind: "api", scopes, prefix, hash });
    return key;
  }
  const key = await issue(project.id, ["read", "write", "predict"]);
  const otherKey = await issue(other.id, ["read", "write", "predict"]);
  const adminKey = await issue(project.id, ["admin"]);
  const deps: ExperimentsDeps = {
    kit,
    version: "test",
    state: () => "running",
    authenticator,
    projects,
    experiments: createMemoryExperiments({ projects, now }),
    experimentEvents: memory.events,
    abTests: createMemoryAbTests({ projects, slots: training.deploymentSlots, now }),
    learning,
    deploymentSlots: training.deploymentSlots,
    bus,
  };
  const app = createExperiments({ ...deps, ...change(deps) });
  await app.start();

  /** A slot of a project, with a model of its own. */
  async function slot(projectId = project.id, weight = 100): Promise<number> {
    const model = await training.modelCatalogue.create({ project_id: projectId, kind: "ease" });
    const made = await training.deploymentSlots.create({
      project_id: projectId,
      name: "slot",
      trained_model_id: model.id,
      weight,
      is_active: true,
    });
    return made.id;
  }

  async function request(
    method: string,
    path: string,
    body?: unknown,
    options: { key?: string | null; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const { key: given = key } = options;
    return app.fetch(
      new Request(`http://test/api/v1${path}`, {
        method,
        headers: { ...(given === null ? {} : { "x-api-key": given }), ...options.headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }

  /** The body of an answer that must be a success. */
  async function ok<T = Record<string, unknown>>(...given: Parameters<typeof request>): Promise<T> {
    const response = await request(...given);
    const text = await response.text();
    if (!response.ok) throw new Error(`${given[0]} ${given[1]}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  async function experiment(changes: object = {}): Promise<string> {
    const body = {
      name: "order",
      status: "running",
      variations: [
        { index: 0, name: "control", weight: 0.5 },
        { index: 1, name: "new", weight: 0.5 },
      ],
      metrics: [{ name: "signup" }],
      ...changes,
    };
    return (await ok<{ id: string }>("POST", "/experiments", body)).id;
  }

  return {
    app,
    bus,
    archive,
    learning,
    deps,
    clock,
    now,
    kit,
    project,
    other,
    key,
    otherKey,
    adminKey,
    issue,
    slot,
    slots: training.deploymentSlots,
    request,
    ok,
    experiment,
    async close() {
      await app.close();
      await bus.close();
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;
