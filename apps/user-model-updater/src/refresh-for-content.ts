import { subjects, type ContentChanged } from "@signalpath/contracts";
import { BUFFER_WINDOW_MS } from "@signalpath/domain";
import {
  readPayload,
  UnavailableError,
  type Delivery,
  type Outcome,
  type Owner,
} from "@signalpath/ports";

import type { Context } from "./context.ts";
import { eachLimit } from "./each-limit.ts";
import { letterOf, putAside } from "./put-aside.ts";
import { refreshPerson } from "./refresh-person.ts";

export const CONTENT_DURABLE = "user-model-updater-content";
/** Item ids asked for in one query. */
const ITEMS_AT_ONCE = 500;
/** Few: people with new events go first. */
const PEOPLE_AT_ONCE = 2;

/**
 * Builds again the models of people whose events of the last 30 days touch content that changed.
 * All changes of a batch are one round, so a person touched by many of them is built once.
 */
export async function refreshForContent(
  ctx: Context,
  batch: readonly Delivery[],
): Promise<Outcome[]> {
  const changes: ContentChanged[] = [];
  const failures = new Map<number, unknown>();
  try {
    for (const delivery of batch) {
      const read = readPayload(subjects.contentChanged, delivery.body);
      if (read.ok) changes.push(read.payload);
      else await putAside(ctx, [letterOf(ctx.sha256, delivery, read.code, read.detail)]);
    }
  } catch (error) {
    return retryAll(ctx, batch, error);
  }
  for (const [projectId, items] of itemsByProject(changes)) {
    try {
      await ctx.feed.catchUp(projectId, items.version);
      await refreshOwners(ctx, await ownersOf(ctx, projectId, [...items.ids]));
    } catch (error) {
      failures.set(projectId, error);
    }
  }
  const [failure] = failures.values();
  return failure === undefined ? batch.map(() => "ack") : retryAll(ctx, batch, failure);
}

function retryAll(ctx: Context, batch: readonly Delivery[], error: unknown): Outcome[] {
  ctx.logger.warn(
    { err: error, messages: batch.length },
    "models are not refreshed for content yet",
  );
  return batch.map(({ attempt }) => ctx.outage.retry(attempt, error));
}

function itemsByProject(
  changes: readonly ContentChanged[],
): Map<number, { ids: Set<string>; version: number }> {
  const projects = new Map<number, { ids: Set<string>; version: number }>();
  for (const { project_id, version, upserted, removed } of changes) {
    const items = projects.get(project_id) ?? { ids: new Set(), version: 0 };
    items.version = Math.max(items.version, version);
    for (const id of [...upserted, ...removed]) items.ids.add(id);
    projects.set(project_id, items);
  }
  return projects;
}

async function ownersOf(ctx: Context, projectId: number, ids: readonly string[]): Promise<Owner[]> {
  const owners = new Map<string, Owner>();
  const since = ctx.now() - BUFFER_WINDOW_MS;
  for (let from = 0; from < ids.length; from += ITEMS_AT_ONCE) {
    const page = ids.slice(from, from + ITEMS_AT_ONCE);
    for (const owner of await ctx.reader.ownersTouching(projectId, page, since)) {
      owners.set(owner.owner, owner);
    }
  }
  return [...owners.values()];
}

/** A person who cannot be built stays as is; a store that is away stops the round. */
async function refreshOwners(ctx: Context, owners: readonly Owner[]): Promise<void> {
  let unavailable: UnavailableError | undefined;
  await eachLimit(owners, PEOPLE_AT_ONCE, async (owner) => {
    if (unavailable !== undefined) return;
    try {
      await refreshPerson(ctx, { ...owner, events: [] });
    } catch (error) {
      if (error instanceof UnavailableError) unavailable = error;
      else ctx.logger.error({ err: error, user_key: owner.owner }, "a person was not refreshed");
    }
    // Signals and requests that wait get their turn between two people.
    await new Promise((resolve) => setImmediate(resolve));
  });
  if (unavailable !== undefined) throw unavailable;
}
