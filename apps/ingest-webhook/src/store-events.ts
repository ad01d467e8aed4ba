import { STREAMS, type IngestItemResult } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import { UnavailableError } from "@signalpath/ports";

import type { Work } from "./deps.ts";
import { inParallel } from "./in-parallel.ts";
import { busMessageId, publishEvent, type Published } from "./publish-event.ts";

/** Messages of one request on their way at one time. */
const WIDTH = 64;
/** Ids asked for in one look-up. */
const LOOK_UP = 2_000;
const BROKER_WINDOW_MS = STREAMS.SIGNALS.duplicateWindowMinutes * 60_000;

/** An event of a request that is fit to be stored; several when its products fanned out. */
export interface Draft {
  messageId: string;
  events: readonly SignalEvent[];
}

/**
 * Stores what is not stored yet and answers one verdict a draft, in their order.
 * @throws UnavailableError as soon as one event is not known to be stored; the others stay.
 */
export async function storeEvents(
  work: Work,
  drafts: readonly Draft[],
  projectId: number,
  headers: Readonly<Record<string, string>>,
): Promise<Published[]> {
  const retryUntil = performance.now() + work.limits.retryForMs;
  const known = await oldTwins(work, drafts, projectId);
  const parts = drafts.flatMap((draft, index) => draft.events.map((event) => ({ index, event })));
  const published = await inParallel(parts, WIDTH, async ({ event }): Promise<Published> => {
    if (known.has(event.event_id)) return "duplicate";
    return publishEvent(work, event, { id: busMessageId(event), headers, retryUntil });
  });
  const byDraft = drafts.map((): Published[] => []);
  for (const [at, part] of parts.entries()) byDraft[part.index]?.push(published[at] as Published);
  return byDraft.map(together);
}

/** One for the whole item: it is new when any of its parts is. */
export function together(parts: readonly Published[]): Published {
  for (const verdict of ["stored", "refused", "erased"] as const) {
    if (parts.includes(verdict)) return verdict;
  }
  return "duplicate";
}

export function verdictOf(
  published: Exclude<Published, "refused">,
): Pick<IngestItemResult, "verdict" | "code"> {
  if (published === "stored") return { verdict: "accepted" };
  if (published === "erased") return { verdict: "ignored", code: "USER_ERASED" };
  return { verdict: "duplicate" };
}

/**
 * Ids of these events that the archive holds already. Only those that happened before the broker's
 * window: a younger event cannot have a twin that the broker has forgotten. Unanswered, they count
 * as new: the stores never count an event twice, only the verdict would say so.
 */
async function oldTwins(
  work: Work,
  drafts: readonly Draft[],
  projectId: number,
): Promise<ReadonlySet<string>> {
  const edge = new Date(work.kit.now() - BROKER_WINDOW_MS).toISOString();
  const old = drafts
    .flatMap((draft) => draft.events)
    .filter((event) => event.occurred_at < edge)
    .map((event) => event.event_id);
  if (old.length === 0) return new Set();
  try {
    return await withinMs(work.limits.lookUpMs, lookUp(work, projectId, old));
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    work.metrics.lookUpFailed();
    work.kit.logger.warn({ err: error, count: old.length }, "old events not looked up");
    return new Set();
  }
}

async function lookUp(
  work: Work,
  projectId: number,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (let start = 0; start < ids.length; start += LOOK_UP) {
    const part = ids.slice(start, start + LOOK_UP);
    for (const id of await work.archive.known(projectId, part)) known.add(id);
  }
  return known;
}

/** @throws UnavailableError when the archive takes longer; the sender's patience is limited. */
async function withinMs<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new UnavailableError("archive", `no answer within ${ms} ms`);
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
