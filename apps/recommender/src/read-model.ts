import { ServiceError } from "@signalpath/contracts";
import type { UserKey } from "@signalpath/domain";
import { UnavailableError, type StoredModel, type UserModelStore } from "@signalpath/ports";

import { MAX_MOVES, personKeys } from "./person-keys.ts";

/**
 * The stored model behind a `user_id`, for calls that show the model itself: nothing else will do.
 * @throws ServiceError USER_MODEL_NOT_FOUND; UnavailableError when the store is down.
 */
export async function readModel(
  models: Pick<UserModelStore, "get">,
  projectId: number,
  userId: string,
): Promise<{ owner: UserKey; stored: StoredModel }> {
  for (const asked of personKeys(projectId, userId)) {
    let owner = asked;
    for (let moves = 0; moves <= MAX_MOVES; moves++) {
      const answer = await models.get(owner);
      if (answer.status === "ok") return { owner, stored: answer };
      if (answer.status === "unchanged") {
        throw new UnavailableError("model_store", "answered a question that was not asked");
      }
      if (answer.status === "absent") break;
      owner = answer.to;
    }
  }
  throw new ServiceError("USER_MODEL_NOT_FOUND", "no model of this user");
}
