import {
  ServiceError,
  subjects,
  type deploymentSlotBody,
  type deploymentSlotChanges,
  type promoteShadowBody,
  type slotsQuery,
} from "@signalpath/contracts";
import { EMBEDDING_KIND } from "@signalpath/embeddings";
import type { RoutingMode, SlotRouting } from "@signalpath/ports";
import type { z } from "zod";

import { offsetOf, pageOfRows } from "../page.ts";
import {
  invalid,
  listedProject,
  orConflict,
  own,
  ownProject,
  type Caller,
  type TrainingContext,
} from "./context.ts";
import { shownSlot } from "./shown.ts";

const WHAT = "deployment slot";

/** Without the seed: who knows it can choose the slot of a made-up user. */
function shownRouting(routing: SlotRouting | undefined) {
  if (routing === undefined) {
    throw new ServiceError("NOT_FOUND", "the project never had a deployment slot");
  }
  return { project: routing.project_id, mode: routing.mode };
}

/** Deployment slots; gateways hear of every change. @throws ServiceError; UnavailableError. */
export function createSlotVerbs(context: TrainingContext) {
  const { deploymentSlots: slots, modelCatalogue } = context.stores;
  const find = async (caller: Caller, id: number) => own(caller, await slots.get(id), WHAT);
  const tell = (caller: Caller, project_id: number) =>
    context.announce(subjects.slotsChanged, { project_id }, caller);
  const assertModel = async (id: number, projectId: number) => {
    const model = await modelCatalogue.get(id);
    if (model?.project_id !== projectId) {
      throw invalid("trained_model", "the project has no such trained model");
    }
    if (model.kind !== EMBEDDING_KIND) return;
    const why = "an embedding places items for the recommender, no gateway answers from it";
    throw new ServiceError("MODEL_KIND_NOT_SERVED", why, {
      issues: [{ path: "trained_model", message: why }],
    });
  };
  return {
    async list(caller: Caller, path: string, request: z.output<typeof slotsQuery>) {
      const { project, is_active } = request;
      const filter = await listedProject(context, caller, project);
      const { count, rows } = await slots.list({
        ...filter,
        ...(is_active === undefined ? {} : { is_active: is_active === "true" }),
        offset: offsetOf(request),
        limit: request.page_size,
      });
      const filters = {
        ...(project === 0 ? {} : { project: String(project) }),
        ...(is_active === undefined ? {} : { is_active }),
      };
      return pageOfRows(path, request, filters, { count, results: rows.map(shownSlot) });
    },
    async create(caller: Caller, body: z.output<typeof deploymentSlotBody>) {
      const { project, trained_model: trained_model_id, ...rest } = body;
      const project_id = await ownProject(context, caller, project);
      await assertModel(trained_model_id, project_id);
      const slot = await slots.create({ ...rest, project_id, trained_model_id });
      await tell(caller, project_id);
      return shownSlot(slot);
    },
    get: async (caller: Caller, id: number) => shownSlot(await find(caller, id)),
    async change(caller: Caller, id: number, body: z.output<typeof deploymentSlotChanges>) {
      const { project_id } = await find(caller, id);
      const { name, weight, is_active, is_shadow, trained_model } = body;
      if (trained_model !== undefined) await assertModel(trained_model, project_id);
      const slot = await slots.update(id, {
        ...(name === undefined ? {} : { name }),
        ...(weight === undefined ? {} : { weight }),
        ...(is_active === undefined ? {} : { is_active }),
        ...(is_shadow === undefined ? {} : { is_shadow }),
        ...(trained_model === undefined ? {} : { trained_model_id: trained_model }),
      });
      await tell(caller, project_id);
      return shownSlot(own(caller, slot, WHAT));
    },
    /** @throws ServiceError CONFLICT when it is no shadow, or another slot is not the project's. */
    async promote(caller: Caller, id: number, body: z.output<typeof promoteShadowBody>) {
      const { project_id } = await find(caller, id);
      const promoted = await orConflict(slots.promote(id, body));
      await tell(caller, project_id);
      return shownSlot(own(caller, promoted, WHAT));
    },
    /** @throws ServiceError NOT_FOUND for a project that never had a slot. */
    async routing(caller: Caller, projectId: number) {
      await ownProject(context, caller, projectId);
      return shownRouting(await slots.routing(projectId));
    },
    async changeRouting(caller: Caller, projectId: number, mode: RoutingMode) {
      await ownProject(context, caller, projectId);
      const routing = shownRouting(await slots.setMode(projectId, mode));
      await tell(caller, projectId);
      return routing;
    },
    async remove(caller: Caller, id: number) {
      const { project_id } = await find(caller, id);
      await slots.remove(id);
      await tell(caller, project_id);
    },
  };
}
