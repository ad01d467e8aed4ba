import { SUBJECT_OF_KIND } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import { RefusedError, UnavailableError, type Delivery, type Outcome } from "@signalpath/ports";

import { archiveBatch } from "./archive-batch.ts";
import type { Context } from "./context.ts";
import { eachLimit } from "./each-limit.ts";
import { peopleOf, type ArchivedItem, type Person } from "./people-of.ts";
import { letterOf, messageOf, putAside } from "./put-aside.ts";
import { readDelivery } from "./read-delivery.ts";
import { refreshPerson } from "./refresh-person.ts";

/** Name of the durable that takes all signals. */
export const SIGNALS_DURABLE = "user-model-updater";

type Work = { delivery: Delivery; outcome: Outcome | undefined; failure: unknown };

/**
 * Applies a batch of signals: archive first, then buffers and models. A delivery is acknowledged
 * when its event is archived and in the stored model of its person, when nobody will ever need it
 * (expired, erased), or when it is in the dead letters. One person's trouble is that person's:
 * only those deliveries come again.
 *
 * @returns one outcome a delivery, in their order. Never throws.
 */
export async function applyBatch(ctx: Context, batch: readonly Delivery[]): Promise<Outcome[]> {
  const startedAt = ctx.now();
  const work = batch.map((delivery): Work => {
    return { delivery, outcome: undefined, failure: undefined };
  });
  try {
    const items = await archived(ctx, work);
    await applyPeople(ctx, work, items);
  } catch (error) {
    for (const one of work) if (one.outcome === undefined) one.failure ??= error;
  }
  return Promise.all(work.map((one) => settle(ctx, one, startedAt)));
}

/** Reads and archives what is not archived yet; the stored copies go on. */
async function archived(ctx: Context, work: readonly Work[]): Promise<ArchivedItem[]> {
  const items: ArchivedItem[] = [];
  const fresh: { index: number; event: SignalEvent }[] = [];
  for (const [index, { delivery }] of work.entries()) {
    if (delivery.archived === undefined) {
      const event = await readOne(ctx, work, index);
      if (event !== undefined) fresh.push({ index, event });
      continue;
    }
    const { result, links } = delivery.archived;
    accept(ctx, work, items, index, { result, links });
  }
  const answers = await archiveBatch(
    ctx.archive,
    fresh.map(({ event }) => event),
    (count) => ctx.meters.circles.inc(count),
  );
  for (const [place, { index }] of fresh.entries()) {
    const answer = answers[place];
    if (answer === undefined) throw new Error("the archive answered fewer results than events");
    accept(ctx, work, items, index, answer);
  }
  return items.sort((a, b) => a.index - b.index);
}

function accept(
  ctx: Context,
  work: readonly Work[],
  items: ArchivedItem[],
  index: number,
  answer: Awaited<ReturnType<typeof archiveBatch>>[number],
): void {
  const one = work[index] as Work;
  if ("cause" in answer) {
    one.failure = answer.cause;
    return;
  }
  const { result, links } = answer;
  ctx.meters.events.inc({ result: result.status });
  if (result.status === "erased") one.outcome = "ack";
  else items.push({ index, result, links });
}

async function readOne(
  ctx: Context,
  work: readonly Work[],
  index: number,
): Promise<SignalEvent | undefined> {
  const one = work[index] as Work;
  const read = readDelivery(one.delivery);
  if (read.status === "event") {
    if (read.clamped) ctx.meters.clamped.inc();
    return read.event;
  }
  ctx.meters.events.inc({ result: read.status });
  if (read.status === "expired") {
    one.outcome = "ack";
    return undefined;
  }
  try {
    await putAside(ctx, [letterOf(ctx.sha256, one.delivery, read.code, read.detail)]);
    one.outcome = "ack";
  } catch (error) {
    one.failure = error;
  }
  return undefined;
}

async function applyPeople(
  ctx: Context,
  work: readonly Work[],
  items: readonly ArchivedItem[],
): Promise<void> {
  const people = peopleOf(ctx.sha256, ctx.moves, items);
  await eachLimit(people, ctx.options.peopleAtOnce, async (person) => {
    try {
      await applyPerson(ctx, person);
    } catch (error) {
      for (const index of person.indexes) (work[index] as Work).failure ??= error;
      ctx.logger.warn(
        {
          err: error,
          project_id: person.projectId,
          user_key: person.owner,
          events: person.events.length,
        },
        "a person could not be updated",
      );
    }
  });
  for (const { index, result } of items) {
    const one = work[index] as Work;
    if (one.failure !== undefined) continue;
    one.outcome = "ack";
    observe(ctx, "model", result.event);
    const seconds = secondsSince(ctx, result.event.received_at);
    ctx.meters.delay.observe(seconds);
    ctx.live.saved(result.event.project_id, seconds * 1_000);
  }
}

/** Buffers behind the person's links move first; a link counts as done when all is in the model. */
async function applyPerson(ctx: Context, person: Person): Promise<void> {
  for (const link of person.links) await ctx.moves.move(link);
  const subjects = new Set(person.events.map(({ kind }) => SUBJECT_OF_KIND[kind].name));
  await refreshPerson(ctx, {
    ...person,
    refill: person.links.length > 0,
    // Whoever takes over a buffer takes over its events: every feature may be another one.
    features: person.links.length > 0 ? "all" : { subjects },
    onBuffered: () => {
      for (const event of person.events) {
        ctx.meters.freshness.observe(
          { stage: "ingest" },
          (Date.parse(event.received_at) - Date.parse(event.occurred_at)) / 1_000,
        );
        observe(ctx, "buffer", event);
      }
    },
  });
  for (const link of person.links) ctx.moves.finish(link);
}

function observe(ctx: Context, stage: "buffer" | "model", event: SignalEvent): void {
  ctx.meters.freshness.observe({ stage }, secondsSince(ctx, event.occurred_at));
}

function secondsSince(ctx: Context, time: string): number {
  return Math.max(0, ctx.now() - Date.parse(time)) / 1_000;
}

async function settle(ctx: Context, one: Work, startedAt: number): Promise<Outcome> {
  const { delivery } = one;
  let { failure } = one;
  if (failure !== undefined && isFinal(ctx, delivery, failure)) {
    const code = failure instanceof RefusedError ? "STORE_REFUSED" : "HANDLER_FAILED";
    try {
      await putAside(ctx, [letterOf(ctx.sha256, delivery, code, messageOf(failure))]);
      failure = undefined;
    } catch (error) {
      failure = error;
    }
  }
  if (failure === undefined) {
    ctx.progress.paid(delivery.sequence);
    return "ack";
  }
  ctx.progress.owe(delivery.sequence, startedAt);
  return ctx.outage.retry(delivery.attempt, failure);
}

/** Our own trouble is tried for ever; what the store refuses never again; the rest a few times. */
function isFinal(ctx: Context, delivery: Delivery, failure: unknown): boolean {
  if (failure instanceof UnavailableError) return false;
  return failure instanceof RefusedError || delivery.attempt >= ctx.options.maxAttempts;
}
