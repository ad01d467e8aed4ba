import type { TrainingRow } from "@signalpath/ports";

import { offsetOf, pageOfRows, type PageRequest } from "../page.ts";
import { listedProject, own, ownProject, type Caller, type TrainingContext } from "./context.ts";
import { shownData } from "./shown.ts";
import type { Upload } from "./upload.ts";

const WHAT = "training data";

/** Uploads: store, read, look into, delete. @throws ServiceError; UnavailableError. */
export function createDataVerbs(context: TrainingContext) {
  const { trainingData } = context.stores;
  const find = async (caller: Caller, id: number) => own(caller, await trainingData.get(id), WHAT);
  return {
    async list(caller: Caller, path: string, request: PageRequest & { project: number }) {
      const filter = await listedProject(context, caller, request.project);
      const page = { offset: offsetOf(request), limit: request.page_size };
      const { count, rows } = await trainingData.list({ ...filter, ...page });
      const filters: Record<string, string> =
        request.project === 0 ? {} : { project: String(request.project) };
      return pageOfRows(path, request, filters, { count, results: rows.map(shownData) });
    },
    /** Without a project in the request: the key's own. */
    async upload(caller: Caller, { filename, columns, project, batches }: Upload) {
      const project_id = await ownProject(context, caller, project ?? caller.key.projectId);
      return shownData(await trainingData.store({ project_id, filename, columns }, batches));
    },
    get: async (caller: Caller, id: number) => shownData(await find(caller, id)),
    async preview(caller: Caller, id: number, rows: number) {
      await find(caller, id);
      return { rows: await firstRows(trainingData.read(id), rows) };
    },
    async remove(caller: Caller, id: number) {
      await find(caller, id);
      await trainingData.remove(id);
    },
  };
}

async function firstRows(blocks: AsyncIterable<readonly TrainingRow[]>, count: number) {
  for await (const block of blocks) {
    return block.slice(0, count).map(({ user_id, item_id, weight, time }) => {
      const timestamp = time === undefined ? null : new Date(time).toISOString();
      return { user_id, item_id, weight, timestamp };
    });
  }
  return [];
}
