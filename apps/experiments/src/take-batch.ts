import {
  deadLettersOf,
  MAX_DEAD_LETTER_BUS_BYTES,
  type ProcessingCode,
} from "@signalpath/contracts";
import { RefusedError, type Delivery, type OutcomeGiven } from "@signalpath/ports";
import { publishTraced, sha256 } from "@signalpath/service-kit";

import type { Context } from "./context.ts";
import { outcomesOf } from "./learning/outcomes-of.ts";
import { addRows, readEvent, type DoorRows } from "./read-door.ts";
import { count } from "./record-rows.ts";

const SERVICE = "experiments";
/** Longest cause of a dead letter, characters. */
const MAX_DETAIL = 1_000;

interface Readable {
  delivery: Delivery;
  projectId: number;
  rows: DoorRows;
  outcomes: OutcomeGiven[];
}

/**
 * One batch of the bus: the same rows by the same statements as over HTTP. Acknowledged when they
 * are committed; a row that no table takes stands alone, its neighbours pass.
 * @throws UnavailableError: the batch comes again.
 */
export async function takeBatch(ctx: Context, batch: readonly Delivery[]): Promise<void> {
  const byProject = new Map<number, Readable[]>();
  for (const delivery of batch) {
    const read = readEvent(delivery);
    if (read.status === "old") ctx.meters.left.inc({ reason: "expired" });
    if (read.status === "bad") await putAside(ctx, delivery, read.code, read.detail);
    if (read.status !== "event") continue;
    const { event } = read;
    const rows: DoorRows = { exposures: [], conversions: [], slotEvents: [] };
    await addRows(ctx, event, rows);
    const projectId = event.project_id;
    const own = byProject.get(projectId) ?? [];
    byProject.set(projectId, own);
    own.push({ delivery, projectId, rows, outcomes: outcomesOf(event) });
  }
  for (const messages of byProject.values()) await writeAll(ctx, messages);
}

/** Halves a refused batch until the bad message stands alone. */
async function writeAll(ctx: Context, messages: readonly Readable[]): Promise<void> {
  try {
    await write(ctx, messages);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const [only] = messages;
    if (messages.length === 1 && only !== undefined) {
      await putAside(ctx, only.delivery, "STORE_REFUSED", error.message);
      return;
    }
    const middle = messages.length >> 1;
    await writeAll(ctx, messages.slice(0, middle));
    await writeAll(ctx, messages.slice(middle));
  }
}

async function write(
  { events, learning, meters }: Context,
  messages: readonly Readable[],
): Promise<void> {
  const projectId = messages[0]?.projectId ?? 0;
  const exposures = messages.flatMap(({ rows }) => rows.exposures);
  const conversions = messages.flatMap(({ rows }) => rows.conversions);
  const slotEvents = messages.flatMap(({ rows }) => rows.slotEvents);
  if (exposures.length > 0) {
    const done = await events.recordExposures(projectId, exposures);
    count({ meters }, "exposure", "bus", done);
  }
  if (conversions.length > 0) {
    const done = await events.recordConversions(projectId, conversions);
    count({ meters }, "conversion", "bus", done);
  }
  if (slotEvents.length > 0) {
    const done = await events.recordSlotEvents(projectId, slotEvents);
    count({ meters }, "slot_event", "bus", done);
  }
  const outcomes = messages.flatMap((message) => message.outcomes);
  if (outcomes.length > 0) {
    const { observed } = await learning.recordOutcomes(projectId, outcomes);
    meters.observed.inc({}, observed);
  }
}

/** What cannot be processed goes to this app's dead letters. @throws UnavailableError. */
export async function putAside(
  { bus, tracing, kit, meters }: Context,
  { body, subject, publishedAtMs, headers }: Delivery,
  code: ProcessingCode,
  detail: string,
): Promise<void> {
  const bytes = Buffer.from(body, "utf8");
  // Half of the limit: escaping in JSON may double the text.
  const most = MAX_DEAD_LETTER_BUS_BYTES / 2;
  const truncated = bytes.length > most;
  await publishTraced(
    bus,
    tracing,
    deadLettersOf(SERVICE),
    {
      app: SERVICE,
      ...projectOf(body),
      code,
      detail: detail.slice(0, MAX_DETAIL),
      received_at: new Date(publishedAtMs).toISOString(),
      subject,
      body: truncated ? bytes.subarray(0, most).toString("utf8") : body,
      truncated,
    },
    { id: `${SERVICE}:${sha256(body)}`, traceHeaders: headers },
  );
  meters.left.inc({ reason: code.toLowerCase() });
  kit.logger.warn({ code, subject }, "put aside");
}

/** The project under which a letter is filed, where the body tells it. */
function projectOf(body: string): { project_id?: number } {
  try {
    const id = (JSON.parse(body) as { project_id?: unknown } | null)?.project_id;
    const isId = typeof id === "number" && Number.isInteger(id) && id > 0 && id < 2 ** 31;
    return isId ? { project_id: id } : {};
  } catch {
    return {}; // MALFORMED_JSON is its code already.
  }
}
