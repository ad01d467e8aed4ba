import { MAX_ROW_ID, ServiceError } from "@signalpath/contracts";
import type { KeyRecord, ServedModel } from "@signalpath/ports";

import { requireProject } from "./caller.ts";
import type { Serving } from "./serving.ts";

export const isRowId = (id: number): boolean => id >= 1 && id <= MAX_ROW_ID;

/**
 * The row of a model this key may ask.
 * @throws ServiceError MODEL_NOT_FOUND, FOREIGN_PROJECT; UnavailableError for one that is not known
 * here while the table cannot be read.
 */
export async function findModel(
  { models }: Serving,
  key: KeyRecord,
  modelId: number,
): Promise<ServedModel> {
  const row = isRowId(modelId) ? await models.get(modelId) : undefined;
  if (row === undefined) throw new ServiceError("MODEL_NOT_FOUND", `Model ${modelId} not found`);
  requireProject(key, row.project_id, "model's project");
  return row;
}

export function userUnknown(userId: string): ServiceError {
  return new ServiceError("USER_NOT_IN_MODEL", `User '${userId}' not found in model`);
}
