import { ServiceError, type Endpoint } from "@signalpath/contracts";
import {
  createSemaphore,
  readBody,
  parseBody,
  parseQuery,
  pathId,
  requireKey,
  type Authenticator,
  type KitContext,
  type KitHono,
} from "@signalpath/service-kit";
import type { z } from "zod";

import { endpoints as administration } from "../endpoints.ts";
import { bothForms } from "../paths.ts";
import { createConfigurationVerbs } from "./configurations.ts";
import type { Caller, TrainingContext } from "./context.ts";
import { createDataVerbs } from "./data.ts";
import { trainingEndpoints as endpoints } from "./endpoints.ts";
import { importModel, MAX_ARTEFACT_BYTES } from "./import-model.ts";
import { createModelVerbs } from "./models.ts";
import { createRunVerbs } from "./runs.ts";
import { createScheduleVerbs } from "./schedules.ts";
import { createServingVerbs } from "./serving.ts";
import { createSlotVerbs } from "./slots.ts";
import { openUpload } from "./upload.ts";

/** Artefacts taken in at one time, each of them whole in memory, and those that wait for it. */
const IMPORTS = 2;
const IMPORTS_WAITING = 8;

/** Binds a call: key first, then what it does with the caller. */
type Bind = (
  endpoint: Endpoint & { auth: "read" | "write" },
  run: (c: KitContext, caller: Caller) => Promise<unknown>,
) => void;
const id = (c: KitContext): number => pathId(c, "id");
const query = <S extends z.ZodType>(c: KitContext, { query: schema }: { query: S }) =>
  parseQuery(c, schema);
const body = <S extends z.ZodType>(c: KitContext, { body: schema }: { body: S }) =>
  parseBody(c, schema);

/** HTTP edge of training and deployment. */
export function bindTrainingRoutes(
  app: KitHono,
  authenticator: Authenticator,
  context: TrainingContext,
): void {
  const bind: Bind = (endpoint, run) => {
    app.on(endpoint.method.toUpperCase(), bothForms(endpoint), async (c) => {
      const key = await requireKey(c, authenticator, endpoint.auth);
      const answer = await run(c, { key, traceHeaders: c.get("trace").headers });
      if (endpoint.status === 204) return c.body(null, 204);
      return c.json(answer as object, (endpoint.status ?? 200) as 200);
    });
  };
  bindModels(bind, context);
  bindServing(bind, context);
  bindData(bind, context);
  bindRuns(bind, context);
  bindSlots(bind, context);
}

function bindModels(bind: Bind, context: TrainingContext): void {
  const e = endpoints;
  const models = createModelVerbs(context);
  bind(e.listModels, (c, who) => models.list(who, e.listModels.path, query(c, e.listModels)));
  bind(e.createModel, async (c, who) => models.create(who, await body(c, e.createModel)));
  const imports = createSemaphore(IMPORTS, IMPORTS_WAITING);
  bind(e.importModel, async (c, who) => {
    const request = query(c, e.importModel);
    if (!(await imports.acquire())) {
      const detail = "too many artefacts are being registered";
      throw new ServiceError("OVERLOADED", detail, { retryAfterSeconds: 5 });
    }
    try {
      return await importModel(context, who, request, () => readBody(c, MAX_ARTEFACT_BYTES));
    } finally {
      imports.release();
    }
  });
  bind(e.getModel, (c, who) => models.get(who, id(c)));
  bind(e.changeModel, async (c, who) => {
    const { name } = await body(c, e.changeModel);
    return models.rename(who, id(c), name);
  });
  bind(e.removeModel, (c, who) => models.remove(who, id(c)));
  bind(e.retrainModel, async (c, who) => models.retrain(who, id(c), await body(c, e.retrainModel)));
  bind(e.promoteModel, async (c, who) => models.promote(who, id(c), await body(c, e.promoteModel)));
  bind(e.listVersions, (c, who) =>
    models.versions(who, e.listVersions.path, id(c), query(c, e.listVersions)),
  );
}

function bindServing(bind: Bind, context: TrainingContext): void {
  const e = endpoints;
  const serving = createServingVerbs(context);
  bind(e.servingHistory, (c, who) =>
    serving.history(who, e.servingHistory.path, id(c), query(c, e.servingHistory)),
  );
  bind(e.artefact, (c, who) => serving.artefact(who, id(c), query(c, e.artefact)));
}

function bindData(bind: Bind, context: TrainingContext): void {
  const e = endpoints;
  const data = createDataVerbs(context);
  bind(e.listData, (c, who) => data.list(who, e.listData.path, query(c, e.listData)));
  bind(e.uploadData, async (c, who) => data.upload(who, await openUpload(c)));
  bind(e.getData, (c, who) => data.get(who, id(c)));
  bind(e.previewData, (c, who) => data.preview(who, id(c), query(c, e.previewData).n_rows));
  bind(e.removeData, (c, who) => data.remove(who, id(c)));
  const rows = createConfigurationVerbs(context);
  bind(e.listConfigurations, (c, who) =>
    rows.list(who, e.listConfigurations.path, query(c, e.listConfigurations)),
  );
  bind(e.createConfiguration, async (c, who) =>
    rows.create(who, await body(c, e.createConfiguration)),
  );
  bind(e.getConfiguration, (c, who) => rows.get(who, id(c)));
  bind(e.changeConfiguration, async (c, who) =>
    rows.change(who, id(c), await body(c, e.changeConfiguration)),
  );
  bind(e.removeConfiguration, (c, who) => rows.remove(who, id(c)));
}

function bindRuns(bind: Bind, context: TrainingContext): void {
  const e = endpoints;
  const runs = createRunVerbs(context);
  bind(e.listRuns, (c, who) => runs.list(who, e.listRuns.path, query(c, e.listRuns)));
  bind(e.getRun, (c, who) => runs.get(who, id(c)));
  bind(e.runLogs, (c, who) => runs.logs(who, id(c), query(c, e.runLogs)));
  bind(e.cancelRun, (c, who) => runs.cancel(who, id(c)));
  const schedules = createScheduleVerbs(context);
  bind(e.listSchedules, (c, who) =>
    schedules.list(who, e.listSchedules.path, query(c, e.listSchedules)),
  );
  bind(e.createSchedule, async (c, who) => schedules.create(who, await body(c, e.createSchedule)));
  bind(e.getSchedule, (c, who) => schedules.get(who, id(c)));
  bind(e.changeSchedule, async (c, who) =>
    schedules.change(who, id(c), await body(c, e.changeSchedule)),
  );
  bind(e.removeSchedule, (c, who) => schedules.remove(who, id(c)));
  bind(e.triggerSchedule, (c, who) => schedules.trigger(who, id(c)));
}

function bindSlots(bind: Bind, context: TrainingContext): void {
  const e = endpoints;
  const slots = createSlotVerbs(context);
  bind(e.listSlots, (c, who) => slots.list(who, e.listSlots.path, query(c, e.listSlots)));
  bind(e.createSlot, async (c, who) => slots.create(who, await body(c, e.createSlot)));
  bind(e.getSlot, (c, who) => slots.get(who, id(c)));
  bind(e.changeSlot, async (c, who) => slots.change(who, id(c), await body(c, e.changeSlot)));
  bind(e.promoteSlot, async (c, who) => slots.promote(who, id(c), await body(c, e.promoteSlot)));
  bind(e.removeSlot, (c, who) => slots.remove(who, id(c)));
  const { getRouting, changeRouting } = administration;
  bind(getRouting, (c, who) => slots.routing(who, id(c)));
  bind(changeRouting, async (c, who) => {
    const { mode } = await body(c, changeRouting);
    return slots.changeRouting(who, id(c), mode);
  });
}
