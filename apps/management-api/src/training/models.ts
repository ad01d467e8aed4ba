import {
  subjects,
  type promoteBody,
  type retrainBody,
  type trainedModelBody,
} from "@signalpath/contracts";
import { EMBEDDING_KIND } from "@signalpath/embeddings";
import { RefusedError, type RunSpec, type TrainedModel, type TrainingRun } from "@signalpath/ports";
import type { z } from "zod";

import { offsetOf, pageOfRows, type PageRequest } from "../page.ts";
import { assertTrainable } from "./assert-trainable.ts";
import {
  invalid,
  listedProject,
  orConflict,
  own,
  ownProject,
  type Caller,
  type TrainingContext,
} from "./context.ts";
import { shownModel, shownVersion } from "./shown.ts";

type Listing = PageRequest & { project: number };
const WHAT = "trained model";

/** Trained models: create, retrain, promote, read. @throws ServiceError; UnavailableError. */
export function createModelVerbs(context: TrainingContext) {
  const { modelCatalogue: models, trainingRuns: runs } = context.stores;
  const find = async (caller: Caller, id: number) => own(caller, await models.get(id), WHAT);
  const shown = async (rows: readonly TrainedModel[]) => {
    const newest = await runs.latestOf(rows.map(({ id }) => id));
    const runOf = new Map(newest.map((run) => [run.trained_model_id, run]));
    return Promise.all(
      rows.map(async (row) => {
        const { id, version } = row;
        const serving = version === null ? undefined : await models.version(id, version);
        return shownModel(row, runOf.get(id), serving);
      }),
    );
  };
  const showOne = async (row: TrainedModel) => {
    const [one] = await shown([row]);
    return one as NonNullable<typeof one>;
  };
  return {
    async list(caller: Caller, path: string, request: Listing) {
      const filter = await listedProject(context, caller, request.project);
      const page = { offset: offsetOf(request), limit: request.page_size };
      const { count, rows } = await models.list({ ...filter, ...page });
      const filters: Record<string, string> =
        request.project === 0 ? {} : { project: String(request.project) };
      return pageOfRows(path, request, filters, { count, results: await shown(rows) });
    },
    get: async (caller: Caller, id: number) => showOne(await find(caller, id)),
    async rename(caller: Caller, id: number, name: string) {
      await find(caller, id);
      const renaming = models.rename(id, name);
      const row = await orConflict(renaming, "a trained model of this name exists");
      return showOne(own(caller, row, WHAT));
    },
    async remove(caller: Caller, id: number) {
      const { project_id } = await find(caller, id);
      await orConflict(models.remove(id, { key_id: caller.key.id }));
      // Gateways that have it in memory would answer from it until they read the table again.
      await context.announce(subjects.slotsChanged, { project_id }, caller);
    },
    async promote(caller: Caller, id: number, { version }: z.output<typeof promoteBody>) {
      const { project_id } = await find(caller, id);
      const row = own(
        caller,
        await models.promote(id, version, { key_id: caller.key.id }),
        "version of this model",
      );
      await context.announce(subjects.slotsChanged, { project_id }, caller);
      return showOne(row);
    },
    async versions(caller: Caller, path: string, id: number, request: PageRequest) {
      const { version: serving } = await find(caller, id);
      const page = { offset: offsetOf(request), limit: request.page_size };
      const { count, rows } = await models.versions(id, page);
      const results = rows.map((row) => shownVersion(row, serving));
      return pageOfRows(path.replace("{id}", String(id)), request, {}, { count, results });
    },
    create: (caller: Caller, body: z.output<typeof trainedModelBody>) =>
      createModel(context, caller, body).then(showOne),
    retrain: async (caller: Caller, id: number, body: z.output<typeof retrainBody>) =>
      showOne(await retrain(context, caller, await find(caller, id), body)),
  };
}

async function createModel(
  context: TrainingContext,
  caller: Caller,
  body: z.output<typeof trainedModelBody>,
): Promise<TrainedModel> {
  const { stores } = context;
  const project_id = await ownProject(context, caller, body.project);
  const configured =
    body.model_configuration === undefined
      ? undefined
      : await stores.modelConfigurations.get(body.model_configuration);
  if (body.model_configuration !== undefined && configured?.project_id !== project_id) {
    throw invalid("model_configuration", "the project has no such model configuration");
  }
  const spec: RunSpec = {
    source: body.training_data === undefined ? "archive" : "training_data",
    training_data_id: body.training_data ?? null,
    kind: body.kind ?? configured?.kind ?? "auto",
    parameters: body.parameters ?? configured?.parameters ?? {},
    tune: tuneOf(body.tune),
    seed: body.seed,
    split: body.split,
    promotion: body.promotion,
  };
  assertTrainable(spec);
  await assertUpload(context, spec, project_id);
  const model = await orConflict(
    stores.modelCatalogue.create({
      project_id,
      kind: spec.kind,
      ...(body.name === undefined ? {} : { name: body.name }),
    }),
    "a trained model of this name exists",
  );
  const wish = { trained_model_id: model.id, trigger: "create", spec } as const;
  try {
    await tellTrainer(context, caller, await stores.trainingRuns.request(wish));
  } catch (error) {
    // A model that nothing will ever train: its upload went meanwhile.
    if (error instanceof RefusedError) await stores.modelCatalogue.remove(model.id);
    throw error;
  }
  return model;
}

async function retrain(
  context: TrainingContext,
  caller: Caller,
  model: TrainedModel,
  body: z.output<typeof retrainBody>,
): Promise<TrainedModel> {
  const { trainingRuns } = context.stores;
  if (body.source === "archive" && body.training_data !== undefined) {
    throw invalid("training_data", 'name an upload, or say "source": "archive"');
  }
  const [last] = await trainingRuns.latestOf([model.id]);
  const before: RunSpec = last?.spec ?? { ...FIRST, kind: model.kind };
  const spec: RunSpec = {
    ...before,
    ...(body.source === "archive" ? { source: "archive", training_data_id: null } : {}),
    ...(body.training_data === undefined
      ? {}
      : { source: "training_data", training_data_id: body.training_data }),
    ...(body.kind === undefined ? {} : { kind: body.kind }),
    ...(body.parameters === undefined ? {} : { parameters: body.parameters }),
    ...(body.tune === undefined ? {} : { tune: body.tune === null ? null : tuneOf(body.tune) }),
    ...(body.seed === undefined ? {} : { seed: body.seed }),
    ...(body.split === undefined ? {} : { split: body.split }),
    ...(body.promotion === undefined ? {} : { promotion: body.promotion }),
  };
  if ((spec.kind === EMBEDDING_KIND) !== (model.kind === EMBEDDING_KIND)) {
    throw invalid("kind", `a model of kind ${model.kind} does not become one of kind ${spec.kind}`);
  }
  assertTrainable(spec);
  await assertUpload(context, spec, model.project_id);
  const wish = { trained_model_id: model.id, trigger: "retrain", spec } as const;
  await tellTrainer(context, caller, await trainingRuns.request(wish));
  return model;
}

/** What an imported model, which never had a run, is trained by. */
const FIRST: RunSpec = {
  source: "archive",
  training_data_id: null,
  kind: "auto",
  parameters: {},
  tune: null,
  seed: 1,
  split: "time",
  promotion: "always",
};

export function tuneOf(
  tune: { trials: number; seconds?: number | undefined } | undefined,
): RunSpec["tune"] {
  if (tune === undefined) return null;
  const { trials, seconds } = tune;
  return seconds === undefined ? { trials } : { trials, seconds };
}

/** @throws ServiceError VALIDATION_FAILED unless the upload is there and the project's. */
export async function assertUpload(
  { stores }: TrainingContext,
  spec: Pick<RunSpec, "training_data_id">,
  projectId: number,
): Promise<void> {
  if (spec.training_data_id === null) return;
  const upload = await stores.trainingData.get(spec.training_data_id);
  if (upload?.project_id === projectId) return;
  throw invalid("training_data", "the project has no such training data");
}

/** Wakes the trainer; should that fail, it finds the run at its next look at the table. */
export async function tellTrainer(
  { announce }: Pick<TrainingContext, "announce">,
  caller: Caller,
  { id, project_id, trained_model_id }: TrainingRun,
): Promise<void> {
  const message = { project_id, training_run_id: id, trained_model_id };
  await announce(subjects.trainingRequested, message, caller);
}
