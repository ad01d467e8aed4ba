import type { retrainingScheduleBody, retrainingScheduleChanges } from "@signalpath/contracts";
import type { RunSpec, ScheduleChanges } from "@signalpath/ports";
import { nextCronRun } from "@signalpath/service-kit";
import type { z } from "zod";

import { offsetOf, pageOfRows, type PageRequest } from "../page.ts";
import { assertTrainable } from "./assert-trainable.ts";
import {
  invalid,
  listedProject,
  own,
  ownProject,
  type Caller,
  type TrainingContext,
} from "./context.ts";
import { assertUpload, tellTrainer, tuneOf } from "./models.ts";
import { shownSchedule } from "./shown.ts";

const WHAT = "retraining schedule";
/** Where a schedule names what is trained. */
const FIELDS = { kind: "trained_model", parameters: "trained_model", promotion: "auto_deploy" };
type Body = z.output<typeof retrainingScheduleBody>;

/** Retraining schedules; the trainer fires them. @throws ServiceError; UnavailableError. */
export function createScheduleVerbs(context: TrainingContext) {
  const { retrainingSchedules: schedules } = context.stores;
  const find = async (caller: Caller, id: number) => own(caller, await schedules.get(id), WHAT);
  const nextOf = (cron: string, isEnabled: boolean): string | null => {
    const next = nextCronRun(cron, context.kit.now());
    if (next === undefined) throw invalid("cron_expression", "names a time that never comes");
    return isEnabled ? next : null;
  };
  return {
    async list(caller: Caller, path: string, request: PageRequest & { project: number }) {
      const filter = await listedProject(context, caller, request.project);
      const page = { offset: offsetOf(request), limit: request.page_size };
      const { count, rows } = await schedules.list({ ...filter, ...page });
      const filters: Record<string, string> =
        request.project === 0 ? {} : { project: String(request.project) };
      return pageOfRows(path, request, filters, { count, results: rows.map(shownSchedule) });
    },
    async create(caller: Caller, body: Body) {
      const project_id = await ownProject(context, caller, body.project);
      const { cron_expression, is_enabled } = body;
      const row = await schedules.create({
        project_id,
        trained_model_id: body.trained_model,
        cron_expression,
        is_enabled,
        spec: await specOf(context, body),
        next_run_at: nextOf(cron_expression, is_enabled),
      });
      return shownSchedule(row);
    },
    get: async (caller: Caller, id: number) => shownSchedule(await find(caller, id)),
    async change(caller: Caller, id: number, body: z.output<typeof retrainingScheduleChanges>) {
      const row = await find(caller, id);
      const cron_expression = body.cron_expression ?? row.cron_expression;
      const is_enabled = body.is_enabled ?? row.is_enabled;
      const isMoved = cron_expression !== row.cron_expression || is_enabled !== row.is_enabled;
      const changes: ScheduleChanges = {
        spec: changedSpec(row.spec, body),
        ...(isMoved
          ? { cron_expression, is_enabled, next_run_at: nextOf(cron_expression, is_enabled) }
          : {}),
      };
      // Not asked about otherwise: one that became untrainable must still be switched off.
      if (body.auto_deploy === true && changes.spec !== undefined) {
        assertTrainable(changes.spec, FIELDS);
      }
      if (changes.spec !== undefined) await assertUpload(context, changes.spec, row.project_id);
      return shownSchedule(own(caller, await schedules.update(id, changes), WHAT));
    },
    async remove(caller: Caller, id: number) {
      await find(caller, id);
      await schedules.remove(id);
    },
    async trigger(caller: Caller, id: number) {
      await find(caller, id);
      const run = await schedules.trigger(id);
      if (run === undefined) return { status: "skipped" as const, training_run: null };
      await tellTrainer(context, caller, run);
      return { status: "triggered" as const, training_run: run.id };
    },
  };
}

function changedSpec(
  spec: RunSpec,
  { training_data, auto_deploy }: z.output<typeof retrainingScheduleChanges>,
): RunSpec {
  if (training_data !== undefined && spec.source === "archive") {
    throw invalid("training_data", "this schedule reads the archive");
  }
  return {
    ...spec,
    ...(training_data === undefined ? {} : { training_data_id: training_data }),
    ...(auto_deploy === undefined ? {} : { promotion: promotionOf(auto_deploy) }),
  };
}

const promotionOf = (autoDeploy: boolean) => (autoDeploy ? "better" : "manual");

/** What each run of a new schedule is to do. */
async function specOf(context: TrainingContext, body: Body): Promise<RunSpec> {
  const { stores } = context;
  const model = await stores.modelCatalogue.get(body.trained_model);
  if (model?.project_id !== body.project) {
    throw invalid("trained_model", "the project has no such trained model");
  }
  if (body.source === "archive" && body.training_data !== null) {
    throw invalid("training_data", 'with "source": "training_data" only');
  }
  const configured =
    body.model_configuration === undefined
      ? undefined
      : await stores.modelConfigurations.get(body.model_configuration);
  if (body.model_configuration !== undefined && configured?.project_id !== body.project) {
    throw invalid("model_configuration", "the project has no such model configuration");
  }
  const [last] = await stores.trainingRuns.latestOf([model.id]);
  const spec: RunSpec = {
    source: body.source,
    training_data_id: body.training_data,
    // Of the run that the parameters are of; a model keeps the kind it was made with.
    kind: configured?.kind ?? last?.spec.kind ?? model.kind,
    parameters: configured?.parameters ?? last?.spec.parameters ?? {},
    tune: body.retune ? tuneOf(body.tune ?? { trials: 40 }) : null,
    seed: body.seed,
    split: body.split,
    promotion: promotionOf(body.auto_deploy),
  };
  const configuration = { kind: "model_configuration", parameters: "model_configuration" };
  assertTrainable(spec, configured === undefined ? FIELDS : { ...FIELDS, ...configuration });
  await assertUpload(context, spec, body.project);
  return spec;
}
