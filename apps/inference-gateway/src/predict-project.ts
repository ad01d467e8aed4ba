import { ServiceError, type PredictBody, type ProjectPrediction } from "@signalpath/contracts";
import { randomSlotOrder, slotOrder } from "@signalpath/domain";
import { UnavailableError, type DeploymentSlot, type KeyRecord } from "@signalpath/ports";
import type { ScoredItem } from "@signalpath/models";

import { requireProject } from "./caller.ts";
import type { GatewayDeps } from "./deps.ts";
import { isRowId, userUnknown } from "./find-model.ts";
import type { Answer, PredictDeps } from "./predict.ts";
import type { Shadows } from "./shadows.ts";
import type { ServingModel } from "./serving.ts";

interface Found {
  slot: DeploymentSlot;
  model: ServingModel;
}

/**
 * A list for one user from the slot that is theirs, or from the next in their own order: a slot
 * whose model cannot be loaded is passed over, and with `fallback` one that does not know the user.
 * @throws ServiceError FOREIGN_PROJECT, NO_ACTIVE_SLOTS, USER_NOT_IN_MODEL; MODEL_LOAD_FAILED when
 * no slot's model can be loaded.
 */
export function createPredictProject(
  deps: PredictDeps & Pick<GatewayDeps, "random"> & { shadows: Pick<Shadows, "offer"> },
) {
  const { serving, metrics, newId, random } = deps;

  async function orderOf(projectId: number, userId: string): Promise<DeploymentSlot[]> {
    const routing = isRowId(projectId) ? await serving.routings.get(projectId) : undefined;
    const slots = (routing?.slots ?? []).filter(({ is_active }) => is_active);
    if (routing?.mode === "random") return randomSlotOrder(slots, random);
    return slotOrder(routing?.seed ?? "", userId, slots);
  }

  /** Undefined when the slot's model cannot be had. */
  async function modelOf(slot: DeploymentSlot): Promise<ServingModel | undefined> {
    try {
      const row = await serving.models.get(slot.trained_model_id);
      return row === undefined ? undefined : await serving.load(row);
    } catch (error) {
      const isTold = error instanceof ServiceError && error.code === "MODEL_LOAD_FAILED";
      if (isTold || error instanceof UnavailableError) return undefined;
      throw error;
    }
  }

  function answer(
    { slot, model }: Found,
    items: ScoredItem[],
    fall: { assigned: DeploymentSlot; skipped: readonly number[]; popular: boolean },
  ): Answer<ProjectPrediction> {
    const { assigned, skipped, popular } = fall;
    const isFallen = popular || slot.id !== assigned.id;
    metrics.predicted("project", popular ? "popular" : isFallen ? "other_slot" : "served");
    return {
      version: model.row.version,
      body: {
        items,
        model_id: model.row.model_id,
        slot_id: slot.id,
        slot_name: slot.name,
        variation_index: slot.variation_index,
        request_id: newId(),
        ...(isFallen ? { assigned_slot_id: assigned.id } : {}),
        ...(skipped.length > 0 ? { skipped_slots: [...skipped] } : {}),
        ...(popular ? { fallback: "popular" as const } : {}),
      },
    };
  }

  return async (
    key: KeyRecord,
    projectId: number,
    { user_id, cutoff, exclude_items, fallback }: PredictBody,
  ): Promise<Answer<ProjectPrediction>> => {
    requireProject(key, projectId, "project");
    const order = await orderOf(projectId, user_id);
    const [assigned] = order;
    if (assigned === undefined) {
      throw new ServiceError("NO_ACTIVE_SLOTS", "No active deployment slots for project");
    }
    const skipped: number[] = [];
    let first: Found | undefined;
    for (const slot of order) {
      const model = await modelOf(slot);
      if (model === undefined) {
        skipped.push(slot.id);
        metrics.skipped();
        continue;
      }
      first ??= { slot, model };
      const known = serving.listFor(model, { user: user_id, k: cutoff, exclude: exclude_items });
      if (known !== undefined) {
        const { shadows = [] } = serving.routings.peek(projectId) ?? {};
        deps.shadows.offer(shadows, { user: user_id, k: cutoff, exclude: exclude_items }, known);
        return answer({ slot, model }, known, { assigned, skipped, popular: false });
      }
      if (!fallback) break;
    }
    if (first === undefined) {
      throw new ServiceError("MODEL_LOAD_FAILED", "No deployment slot has a model that loads", {
        retryAfterSeconds: 30,
      });
    }
    if (!fallback) {
      metrics.predicted("project", "unknown_user");
      throw userUnknown(user_id);
    }
    const items = await first.model.scorer.popular(cutoff, exclude_items);
    return answer(first, items, { assigned, skipped, popular: true });
  };
}
