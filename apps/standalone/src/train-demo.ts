import type { Backends } from "@signalpath/backends";
import { ModelFileError, subjects } from "@signalpath/contracts";
import {
  createInlineChecker,
  openArtefact,
  writeArtefact,
  type KeyRing,
} from "@signalpath/model-loader";
import { buildInteractions, modelKinds, type InteractionRow } from "@signalpath/models";
import type { ModelFileReader, ModelFileWriter, TrainedModel } from "@signalpath/ports";
import type { Kit } from "@signalpath/service-kit";
import { createHash } from "node:crypto";

import { seededRandom } from "./simulator/random.ts";
import { sampleHistory } from "./simulator/sample-history.ts";

/** Models of the demo and the weights of their slots. */
const DEMO = [
  { name: "demo item-knn", kind: "item-knn", slot: "neighbours", weight: 70 },
  { name: "demo popular", kind: "popular", slot: "popular", weight: 30 },
] as const;
const SEED = 11;

export interface TrainDemoDeps {
  backends: Pick<Backends, "modelCatalogue" | "deploymentSlots" | "bus">;
  kit: Pick<Kit, "now" | "logger">;
  ring: KeyRing;
  files: { reader: ModelFileReader; writer: ModelFileWriter };
  projectId: number;
}

/**
 * Two small models of the demo, each behind a slot, unless they are there and load. A project with
 * slots of its own is left alone.
 * @returns whether the project's slots can be asked; what went wrong is logged.
 */
export async function trainDemo(deps: TrainDemoDeps): Promise<boolean> {
  try {
    const { deploymentSlots, modelCatalogue } = deps.backends;
    const page = { project_id: deps.projectId, offset: 0, limit: 2_000 };
    const slots = (await deploymentSlots.list(page)).rows;
    const models = (await modelCatalogue.list(page)).rows;
    const isOurs = (id: number) => models.some((model) => model.id === id && nameOf(model));
    if (slots.some(({ trained_model_id: id }) => !isOurs(id))) return true;
    const served: { demo: (typeof DEMO)[number]; id: number }[] = [];
    for (const demo of DEMO) {
      const model =
        models.find(({ name }) => name === demo.name) ?? (await createModel(deps, demo));
      if (!(await loads(deps, model))) await train(deps, demo.kind, model);
      served.push({ demo, id: model.id });
    }
    const routing = await deploymentSlots.routing(deps.projectId);
    // What somebody removed stays removed.
    if (routing !== undefined) return routing.slots.length > 0;
    for (const { demo, id } of served) {
      const { slot: name, weight } = demo;
      const common = { project_id: deps.projectId, trained_model_id: id, is_active: true };
      await deploymentSlots.create({ ...common, name, weight });
    }
    await deps.backends.bus.publish(subjects.slotsChanged, { project_id: deps.projectId });
    return true;
  } catch (error) {
    deps.kit.logger.warn({ err: error }, "the models of the demo were not trained");
    return false;
  }
}

function nameOf({ name }: TrainedModel): boolean {
  return DEMO.some((demo) => demo.name === name);
}

function createModel(
  { backends, projectId }: TrainDemoDeps,
  { name, kind }: (typeof DEMO)[number],
): Promise<TrainedModel> {
  return backends.modelCatalogue.create({ project_id: projectId, name, kind });
}

/** False when nothing serves yet, or what should cannot be read any more (another secret). */
async function loads({ backends, files, ring }: TrainDemoDeps, model: TrainedModel) {
  const [row] = await backends.modelCatalogue.served([model.id]);
  if (row === undefined) return false;
  const { trained_model_id: model_id, ...rest } = row;
  const common = { files: files.reader, ring, checker: createInlineChecker() };
  try {
    await openArtefact({ model_id, ...rest }, common);
    return true;
  } catch (error) {
    if (error instanceof ModelFileError) return false;
    throw error;
  }
}

async function train(deps: TrainDemoDeps, name: string, model: TrainedModel): Promise<void> {
  const { backends, kit, ring, files } = deps;
  const kind = modelKinds[name];
  if (kind === undefined) throw new Error(`no kind of model is called ${name}`);
  const rows = sampleHistory(seededRandom(SEED), kit.now());
  const trained = await kind.train(buildInteractions(rows), {}, { random: seededRandom(SEED) });
  const { metadata, tensors } = kind.encode(trained);
  const facts = {
    project_id: model.project_id,
    version: model.last_version + 1,
    data_digest: digestOf(rows),
    metrics: {},
  };
  const written = await writeArtefact(
    {
      metadata: {
        ...metadata,
        ...facts,
        model_id: model.id,
        created_at: new Date(kit.now()).toISOString(),
        rows: rows.length,
      },
      tensors,
    },
    { ring, files: files.writer },
  );
  const { file, sha256, bytes } = written;
  const of = { trained_model_id: model.id, kind: name, file, sha256, bytes };
  const data = { data_rows: rows.length, data_from: null, data_to: null, git_version: null };
  const parameters = { ...metadata.hyperparameters };
  await backends.modelCatalogue.register({ ...of, ...facts, ...data, parameters }, { serve: true });
  await backends.bus.publish(subjects.modelTrained, {
    event: "model_trained",
    model_id: model.id,
    project_id: model.project_id,
    version: facts.version,
    sha256,
  });
}

function digestOf(rows: readonly InteractionRow[]): string {
  return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
}
