import { ServiceError } from "@signalpath/contracts";
import type { Checker, KeyRing } from "@signalpath/model-loader";
import {
  RefusedError,
  type KeyRecord,
  type ModelFileReader,
  type ModelFileWriter,
  type Projects,
  type TrainingStores,
} from "@signalpath/ports";
import { hasScope, type HeaderValues, type Kit } from "@signalpath/service-kit";

import type { Announce } from "../announce.ts";
import type { LoadedModels } from "./loaded-models.ts";

/** What the calls of training and deployment stand on. */
export interface TrainingContext {
  stores: TrainingStores;
  artefacts: Artefacts;
  projects: Pick<Projects, "get">;
  announce: Announce;
  kit: Pick<Kit, "now">;
}

/** How artefacts that others trained are verified, signed and stored. */
export interface Artefacts {
  ring: KeyRing;
  checker: Checker;
  writer: ModelFileWriter;
  reader: ModelFileReader;
  /** Which gateways hold which models. */
  loaded: Pick<LoadedModels, "of" | "gateways">;
}

/** Who calls: their key, and the trace that messages continue. */
export interface Caller {
  key: KeyRecord;
  traceHeaders: HeaderValues;
}

/** True when a key may touch a project's rows. */
function mayTouch({ key }: Caller, projectId: number): boolean {
  return key.projectId === projectId || hasScope(key, "admin");
}

/**
 * A row that is there and the caller's. Another project's row is as good as none.
 * @throws ServiceError NOT_FOUND.
 */
export function own<Row extends { project_id: number }>(
  caller: Caller,
  row: Row | undefined,
  what: string,
): Row {
  if (row === undefined || !mayTouch(caller, row.project_id)) {
    throw new ServiceError("NOT_FOUND", `no such ${what}`);
  }
  return row;
}

/** @throws ServiceError PROJECT_NOT_FOUND unless the project is there and the caller's. */
export async function ownProject(
  { projects }: Pick<TrainingContext, "projects">,
  caller: Caller,
  id: number,
): Promise<number> {
  if (!mayTouch(caller, id) || (await projects.get(id)) === undefined) {
    throw new ServiceError("PROJECT_NOT_FOUND", "no such project");
  }
  return id;
}

/**
 * What a list is limited to: the project that was asked for, all with an admin key, else the key's.
 * @throws ServiceError PROJECT_NOT_FOUND.
 */
export async function listedProject(
  context: Pick<TrainingContext, "projects">,
  caller: Caller,
  asked: number,
): Promise<{ project_id?: number }> {
  if (asked !== 0) return { project_id: await ownProject(context, caller, asked) };
  return hasScope(caller.key, "admin") ? {} : { project_id: caller.key.projectId };
}

/** A row named in a body that is none of the project's. */
export function invalid(path: string, message: string): ServiceError {
  return new ServiceError("VALIDATION_FAILED", "the request is not valid", {
    issues: [{ path, message }],
  });
}

/** The store's refusal as CONFLICT: all that can still be wrong is what others did. */
export async function orConflict<T>(work: Promise<T>, message?: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw new ServiceError("CONFLICT", message ?? error.message, { cause: error });
  }
}
