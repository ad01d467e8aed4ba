import type { modelConfigurationBody, modelConfigurationChanges } from "@signalpath/contracts";
import type { z } from "zod";

import { offsetOf, pageOfRows, type PageRequest } from "../page.ts";
import { assertTrainable } from "./assert-trainable.ts";
import {
  listedProject,
  orConflict,
  own,
  ownProject,
  type Caller,
  type TrainingContext,
} from "./context.ts";
import { shownConfiguration } from "./shown.ts";

const WHAT = "model configuration";
const FIELDS = { kind: "recommender_class_name", parameters: "parameters_json" };
const TAKEN = "a model configuration of this name exists";

/** Named kinds with parameters. @throws ServiceError; UnavailableError. */
export function createConfigurationVerbs(context: TrainingContext) {
  const { modelConfigurations: rows } = context.stores;
  const find = async (caller: Caller, id: number) => own(caller, await rows.get(id), WHAT);
  return {
    async list(caller: Caller, path: string, request: PageRequest & { project: number }) {
      const filter = await listedProject(context, caller, request.project);
      const page = { offset: offsetOf(request), limit: request.page_size };
      const found = await rows.list({ ...filter, ...page });
      const filters: Record<string, string> =
        request.project === 0 ? {} : { project: String(request.project) };
      const results = found.rows.map(shownConfiguration);
      return pageOfRows(path, request, filters, { count: found.count, results });
    },
    async create(caller: Caller, body: z.output<typeof modelConfigurationBody>) {
      const project_id = await ownProject(context, caller, body.project);
      const { name, recommender_class_name: kind, parameters_json: parameters } = body;
      assertTrainable({ kind, parameters }, FIELDS);
      const making = rows.create({ project_id, name, kind, parameters });
      return shownConfiguration(await orConflict(making, TAKEN));
    },
    get: async (caller: Caller, id: number) => shownConfiguration(await find(caller, id)),
    async change(caller: Caller, id: number, body: z.output<typeof modelConfigurationChanges>) {
      const before = await find(caller, id);
      const { name, recommender_class_name: kind, parameters_json: parameters } = body;
      if (kind !== undefined || parameters !== undefined) {
        const { kind: old, parameters: given } = before;
        assertTrainable({ kind: kind ?? old, parameters: parameters ?? given }, FIELDS);
      }
      const changing = rows.update(id, {
        ...(name === undefined ? {} : { name }),
        ...(kind === undefined ? {} : { kind }),
        ...(parameters === undefined ? {} : { parameters }),
      });
      return shownConfiguration(own(caller, await orConflict(changing, TAKEN), WHAT));
    },
    async remove(caller: Caller, id: number) {
      await find(caller, id);
      await rows.remove(id);
    },
  };
}
