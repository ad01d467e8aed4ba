import type { logsQuery, runsQuery } from "@signalpath/contracts";
import type { z } from "zod";

import { offsetOf, pageOfRows } from "../page.ts";
import { listedProject, own, type Caller, type TrainingContext } from "./context.ts";
import { shownRun } from "./shown.ts";

const WHAT = "training run";
/** Lines that a run is shown with. */
const FIRST_LINES = 500;

/** Training runs: read, follow, cancel. @throws ServiceError; UnavailableError. */
export function createRunVerbs(context: TrainingContext) {
  const { trainingRuns: runs } = context.stores;
  const find = async (caller: Caller, id: number) => own(caller, await runs.get(id), WHAT);
  return {
    async list(caller: Caller, path: string, request: z.output<typeof runsQuery>) {
      const { project, trained_model, status } = request;
      const filter = await listedProject(context, caller, project);
      const { count, rows } = await runs.list({
        ...filter,
        ...(trained_model === 0 ? {} : { trained_model_id: trained_model }),
        ...(status === undefined ? {} : { status }),
        offset: offsetOf(request),
        limit: request.page_size,
      });
      const filters = {
        ...(project === 0 ? {} : { project: String(project) }),
        ...(trained_model === 0 ? {} : { trained_model: String(trained_model) }),
        ...(status === undefined ? {} : { status }),
      };
      return pageOfRows(path, request, filters, { count, results: rows.map(shownRun) });
    },
    async get(caller: Caller, id: number) {
      const run = await find(caller, id);
      return { ...shownRun(run), logs: await runs.logs(id, { after: 0, limit: FIRST_LINES }) };
    },
    async logs(caller: Caller, id: number, page: z.output<typeof logsQuery>) {
      await find(caller, id);
      const logs = await runs.logs(id, page);
      return { logs, next: logs.length < page.limit ? null : (logs.at(-1)?.sequence ?? null) };
    },
    async cancel(caller: Caller, id: number) {
      await find(caller, id);
      return shownRun(own(caller, await runs.cancel(id), WHAT));
    },
  };
}
