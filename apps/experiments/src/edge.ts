import {
  headers,
  MAX_ID_LENGTH,
  ServiceError,
  type Endpoint,
  type Scope,
} from "@signalpath/contracts";
import type { Experiment, KeyRecord } from "@signalpath/ports";
import {
  hasScope,
  pathParam,
  projectOf,
  requireKey,
  sha256,
  type Authenticator,
  type KitContext,
} from "@signalpath/service-kit";

import type { MayTouch } from "./ab-tests.ts";
import type { Call, Context } from "./context.ts";
import type { ExperimentsDeps } from "./deps.ts";
import { noExperiment } from "./experiments.ts";
import { experimentIdOf } from "./known-experiments.ts";

export interface Edge {
  ctx: Context;
  authenticator: Authenticator;
  projects: ExperimentsDeps["projects"];
}

/** Router form of a path, with and without its last slash. */
export function bothForms({ path }: Pick<Endpoint, "path">): string[] {
  const pattern = path.replaceAll(/\{(\w+)\}/g, ":$1").replace(/\/$/, "");
  return [pattern, `${pattern}/`];
}

/** A key with one of these scopes. @throws ServiceError as `requireKey`. */
export async function keyWithAny(
  c: KitContext,
  authenticator: Authenticator,
  scopes: readonly [Scope, Scope],
): Promise<KeyRecord> {
  try {
    return await requireKey(c, authenticator, scopes[0]);
  } catch (error) {
    const isScope = error instanceof ServiceError && error.code === "SCOPE_MISSING";
    if (!isScope) throw error;
    return requireKey(c, authenticator, scopes[1]);
  }
}

/** The project of a request, after its key was checked. */
export async function scoped(
  c: KitContext,
  { authenticator, projects }: Edge,
  ...scopes: readonly [Scope] | readonly [Scope, Scope]
): Promise<number> {
  const [first, second = first] = scopes;
  return projectOf(c, await keyWithAny(c, authenticator, [first, second]), projects);
}

export const mayTouchWith =
  (key: KeyRecord): MayTouch =>
  (projectId) =>
    key.projectId === projectId || hasScope(key, "admin");

/** The id in the path. @throws ServiceError EXPERIMENT_NOT_FOUND for what is none. */
export function experimentId(c: KitContext): string {
  const id = experimentIdOf(pathParam(c, "id"));
  if (id === undefined) throw noExperiment();
  return id;
}

/** The experiment in the path, of this project. @throws ServiceError EXPERIMENT_NOT_FOUND. */
export async function ownExperiment(
  c: KitContext,
  { experiments }: Pick<Context, "experiments">,
  projectId: number,
): Promise<Experiment> {
  const found = await experiments.get(experimentId(c));
  if (found?.project_id !== projectId) throw noExperiment();
  return found;
}

/** One that takes events. @throws ServiceError EXPERIMENT_NOT_FOUND, also when it is archived. */
export async function openExperiment(
  c: KitContext,
  { known }: Pick<Context, "known">,
  projectId: number,
): Promise<Experiment> {
  const found = await known.open(projectId, experimentId(c));
  if (found === undefined) throw noExperiment();
  return found;
}

/**
 * A write with its key, if it has one. The digest is of path and checked body: the same key with
 * another body is refused.
 */
export function callOf(c: KitContext, projectId: number, body: unknown): Call {
  const key = c.req.header(headers.idempotencyKey);
  const traceHeaders = c.get("trace").headers;
  if (key === undefined) return { projectId, traceHeaders, once: undefined };
  if (key.length === 0 || key.length > MAX_ID_LENGTH || /[^\x20-\x7e]/.test(key)) {
    const message = `Idempotency-Key is 1 to ${MAX_ID_LENGTH} printable ASCII characters`;
    const issues = [{ path: headers.idempotencyKey, message }];
    throw new ServiceError("VALIDATION_FAILED", message, { issues });
  }
  const path = c.req.path.replace(/\/$/, "");
  const digest = sha256(JSON.stringify([c.req.method, path, body]));
  return { projectId, traceHeaders, once: { key, digest } };
}
