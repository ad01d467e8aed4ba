import { ServiceError, type UserModelResponse } from "@signalpath/contracts";
import { shapesModel, type SignalEvent, type UserSignals } from "@signalpath/domain";
import type { EventSource } from "@signalpath/ports";

import { readEvents } from "./read-events.ts";
import type { ReadModel } from "./read-model.ts";
import type { ReplayModel } from "./replay.ts";

export interface GetUserModelDeps {
  readModel: ReadModel;
  events: Pick<EventSource, "read">;
  replayModel: ReplayModel;
}

/**
 * What is believed about a person, with the ids of what they viewed (the model keeps hashes only).
 * With `asOf` as it would have been at that moment, revision 0.
 * @throws ServiceError USER_MODEL_NOT_FOUND; UnavailableError.
 */
export function createGetUserModel({ readModel, events, replayModel }: GetUserModelDeps) {
  return async (projectId: number, userId: string, asOf?: string): Promise<UserModelResponse> => {
    if (asOf !== undefined) {
      const replayed = await replayModel(projectId, userId, asOf);
      if (replayed === undefined) {
        throw new ServiceError("USER_MODEL_NOT_FOUND", "nothing had happened by then");
      }
      return shown(userId, replayed.model, 0, replayed.events);
    }
    const { owner, stored } = await readModel(projectId, userId);
    return shown(userId, stored.model, stored.revision, await readEvents(events, owner));
  };
}

function shown(
  userId: string,
  model: UserSignals,
  revision: number,
  events: readonly SignalEvent[],
): UserModelResponse {
  return {
    user_id: userId,
    revision,
    as_of: model.as_of,
    n_events: model.n_events,
    positives: model.positives,
    negatives: model.negatives,
    viewed: viewedIds(events),
    recent: model.recent,
    tag_affinity: model.tag_affinity,
    tag_aversion: model.tag_aversion,
    interests: model.interests,
    behavior: { ...model.behavior },
    hours: model.hours,
    demographics: model.demographics,
    ...(model.last_location === undefined ? {} : { last_location: model.last_location }),
    ...(model.space === undefined ? {} : { space: model.space }),
    hidden_until: model.hidden_until,
  };
}

/** Items viewed or reacted to, newest first, each once. */
function viewedIds(oldestFirst: readonly SignalEvent[]): string[] {
  const ids = new Set<string>();
  for (const event of oldestFirst.toReversed()) {
    const touched = event.kind === "viewed" || event.kind === "feedback";
    if (touched && event.item_id !== undefined && shapesModel(event)) ids.add(event.item_id);
  }
  return [...ids];
}
