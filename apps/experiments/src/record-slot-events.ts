import {
  ServiceError,
  type conversionEventBatchResponse,
  type ConversionEventBody,
  type recordedConversionEvent,
} from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import type { Recorded, SlotEventGiven, StoredSlotEvent } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";
import type { z } from "zod";

import type { Call, Context } from "./context.ts";
import { recordRows } from "./record-rows.ts";
import { conversionKey, impressionKey, ownEventId } from "./row-keys.ts";
import { occurredAt } from "./times.ts";

type Rejected = z.output<typeof conversionEventBatchResponse>["rejected"];

/**
 * One event of a deployment slot. @throws ServiceError FOREIGN_PROJECT, FOREIGN_SLOT, USER_ERASED;
 * KeyReusedError; UnavailableError.
 */
export async function recordSlotEvent(
  ctx: Context,
  call: Call,
  given: ConversionEventBody,
): Promise<z.output<typeof recordedConversionEvent>> {
  const code = await refusalOf(ctx, call, given);
  if (code === "FOREIGN_PROJECT") {
    throw new ServiceError(code, "API key not authorized for this project");
  }
  if (code !== undefined) {
    throw new ServiceError(code, "Deployment slot does not belong to the specified project");
  }
  const row = rowOf(ctx, call, given, 0);
  const done = await write(ctx, call, given.project, [row]);
  const stored = await ctx.events.slotEvent(given.project, row.dedup_key);
  if (done.erased.length > 0 || stored === undefined) {
    throw new ServiceError("USER_ERASED", "the user was erased after this event");
  }
  return { ...shownSlotEvent(stored), recorded: done.recorded > 0 };
}

/** Up to 1,000 of them; what is not the key's is named and left out. */
export async function recordSlotEvents(
  ctx: Context,
  call: Call,
  given: readonly ConversionEventBody[],
): Promise<z.output<typeof conversionEventBatchResponse>> {
  const rejected: Rejected = [];
  const byProject = new Map<number, { index: number; row: SlotEventGiven }[]>();
  for (const [index, one] of given.entries()) {
    const code = await refusalOf(ctx, call, one);
    if (code !== undefined) {
      rejected.push({ index, code });
      continue;
    }
    const own = byProject.get(one.project) ?? [];
    byProject.set(one.project, own);
    own.push({ index, row: rowOf(ctx, call, one, index) });
  }
  let recorded = 0;
  for (const [projectId, rows] of byProject) {
    const done = await write(
      ctx,
      call,
      projectId,
      rows.map(({ row }) => row),
    );
    recorded += done.recorded;
    for (const place of done.erased) {
      rejected.push({ index: rows[place]?.index ?? 0, code: "USER_ERASED" });
    }
  }
  return {
    received: given.length,
    recorded,
    deduplicated: given.length - recorded - rejected.length,
    rejected: rejected.toSorted((a, b) => a.index - b.index),
    created: recorded,
  };
}

/** `call.projectId` 0: an admin's key, which may write to every project. */
async function refusalOf(
  { slotOwners }: Context,
  { projectId }: Call,
  { project, deployment_slot }: ConversionEventBody,
): Promise<"FOREIGN_PROJECT" | "FOREIGN_SLOT" | undefined> {
  if (projectId !== 0 && projectId !== project) return "FOREIGN_PROJECT";
  return (await slotOwners.isOf(project, deployment_slot)) ? undefined : "FOREIGN_SLOT";
}

function write(
  ctx: Context,
  call: Call,
  projectId: number,
  rows: readonly SlotEventGiven[],
): Promise<Recorded> {
  const receivedAt = new Date(ctx.kit.now()).toISOString();
  return recordRows(ctx, call, {
    kind: "slot_event",
    write: () => ctx.events.recordSlotEvents(projectId, rows, call.once),
    signals: rows.map((row) => signalOf(projectId, row, receivedAt)),
  });
}

function rowOf(
  { kit }: Context,
  call: Call,
  given: ConversionEventBody,
  place: number,
): SlotEventGiven {
  const { deployment_slot: slotId, recommendation_request_id: requestId, user_id } = given;
  const isImpression = given.event_type === "impression" && requestId !== null;
  const key = given.idempotency_key ?? undefined;
  const shownAs = isImpression ? impressionKey(slotId, requestId) : undefined;
  const eventId =
    shownAs === undefined
      ? (key ?? ownEventId(call, place, kit.newId))
      : `i_${sha256(JSON.stringify([shownAs, user_id, given.item_id]))}`;
  return {
    slot_id: slotId,
    event_type: given.event_type,
    user_id,
    item_id: given.item_id,
    request_id: requestId,
    value: given.value ?? null,
    metadata: JSON.stringify(given.metadata_json),
    occurred_at: occurredAt(given.occurred_at, kit.now()),
    is_bot: given.is_bot === true,
    dedup_key: shownAs ?? conversionKey(eventId),
    keyed: isImpression || key !== undefined,
    event_id: eventId,
  };
}

function signalOf(projectId: number, row: SlotEventGiven, receivedAt: string): SignalEvent {
  const common = {
    event_id: row.event_id,
    project_id: projectId,
    user_id: row.user_id,
    occurred_at: row.occurred_at,
    received_at: receivedAt,
    source: "experiments",
    slot_id: row.slot_id,
    ...(row.item_id === "" ? {} : { item_id: row.item_id }),
    ...(row.request_id === null ? {} : { request_id: row.request_id }),
    ...(row.value === null ? {} : { value: row.value }),
    ...(row.is_bot ? { is_bot: true } : {}),
  };
  return row.event_type === "impression"
    ? { ...common, kind: "served" }
    : { ...common, kind: "feedback", reaction: row.event_type };
}

/** A row as callers see it. */
export function shownSlotEvent(row: StoredSlotEvent) {
  const isOwnKey = row.dedup_key.startsWith("k:") && row.keyed;
  return {
    id: row.id,
    project: row.project_id,
    deployment_slot: row.slot_id,
    user_id: row.user_id,
    item_id: row.item_id,
    event_type: row.event_type,
    recommendation_request_id: row.request_id,
    metadata_json: row.metadata,
    value: row.value,
    idempotency_key: isOwnKey ? row.dedup_key.slice(2) : null,
    is_bot: row.is_bot,
    occurred_at: row.occurred_at,
    timestamp: row.stored_at,
  };
}
