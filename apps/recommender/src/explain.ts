import type { ExplainResponse } from "@signalpath/contracts";
import { explainUserSignals } from "@signalpath/domain";
import type { ContentStore } from "@signalpath/ports";

import type { ReadModel } from "./read-model.ts";

export interface ExplainDeps {
  readModel: ReadModel;
  content: Pick<ContentStore, "get">;
}

/**
 * What a model holds, in words and with the items behind it.
 * @throws ServiceError USER_MODEL_NOT_FOUND; UnavailableError.
 */
export function createExplain({ readModel, content }: ExplainDeps) {
  return async (projectId: number, userId: string): Promise<ExplainResponse> => {
    const { stored } = await readModel(projectId, userId);
    const { positives, negatives } = stored.model;
    const ids = [...Object.keys(positives), ...Object.keys(negatives)];
    const items = await content.get(projectId, ids);
    const byId = new Map(items.map((item) => [item.item_id, item]));
    return { user_id: userId, ...explainUserSignals(stored.model, (id) => byId.get(id)) };
  };
}
