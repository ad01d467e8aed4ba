import { headers, ServiceError } from "@signalpath/contracts";
import type { KeyRecord } from "@signalpath/ports";
import {
  apiKeyPrefix,
  hasScope,
  requireKey,
  type Authenticator,
  type KitContext,
} from "@signalpath/service-kit";

/**
 * The key of a request, which may predict.
 * @throws ServiceError as `requireKey`; KEY_INVALID for a text that has not the form of a key,
 * before anything is hashed or asked.
 */
export async function requireCaller(
  c: KitContext,
  authenticator: Authenticator,
): Promise<KeyRecord> {
  const presented = c.req.header(headers.apiKey) ?? "";
  if (presented !== "" && apiKeyPrefix(presented) === undefined) {
    throw new ServiceError("KEY_INVALID", "Invalid API key format");
  }
  return requireKey(c, authenticator, "predict");
}

/** @throws ServiceError FOREIGN_PROJECT; `whose` ends its text. */
export function requireProject(
  key: KeyRecord,
  projectId: number,
  whose: "project" | "model's project",
): void {
  if (key.projectId === projectId || hasScope(key, "admin")) return;
  throw new ServiceError("FOREIGN_PROJECT", `API key not authorized for this ${whose}`);
}
