import {
  RETENTION_MS,
  ServiceError,
  signalEnvelope,
  type ItemCode,
  type ReplayResponse,
} from "@signalpath/contracts";
import { normaliseEnvelope, type SignalEvent } from "@signalpath/domain";
import type { DeadLetter } from "@signalpath/ports";
import { parseJson } from "@signalpath/service-kit";

import { APP, type Work } from "./deps.ts";
import { contextOf } from "./ingest.ts";
import { judgeItem } from "./judge-item.ts";
import { busMessageId, publishEvent, type Published } from "./publish-event.ts";
import { together, verdictOf } from "./store-events.ts";

type Result = ReplayResponse["results"][number];
type Judged = { events: readonly SignalEvent[] } | Omit<Result, "id">;

export interface ReplayInput {
  projectId: number;
  /** Which letters: these, or all of one code. */
  ids?: readonly string[] | undefined;
  code?: string | undefined;
  /** Judge only: nothing is published, counted or removed. */
  dryRun: boolean;
  /** Trace headers of the request. */
  traceHeaders: Readonly<Record<string, string>>;
}

/** Letters read at a time, and the most one call replays. */
const PAGE = 500;
const MAX_REPLAYED = 10_000;

/**
 * Judges dead letters again, as of when they were received, and publishes what is now good. A
 * letter goes when its event is stored; one that is refused again stays. Repeating it is harmless.
 * `replayed` counts the letters that were published; none in a dry run.
 * @throws UnavailableError when the bus or a store fails midway; letters not reached stay.
 */
export async function replayDeadLetters(work: Work, input: ReplayInput): Promise<ReplayResponse> {
  const results: Result[] = [];
  if (input.ids !== undefined) {
    const ids = [...new Set(input.ids)];
    const found = await work.deadLetters.get(input.projectId, ids);
    const byId = new Map(found.map((letter) => [letter.id, letter]));
    for (const id of ids) {
      const letter = byId.get(id);
      results.push(
        letter === undefined ? { id, verdict: "not_found" } : await replay(work, letter, input),
      );
    }
  } else {
    for await (const letter of lettersOf(work, input)) {
      results.push(await replay(work, letter, input));
    }
  }
  const replayed = input.dryRun ? 0 : results.filter((one) => one.verdict === "accepted").length;
  return { replayed, results };
}

async function* lettersOf(work: Work, input: ReplayInput): AsyncGenerator<DeadLetter> {
  const { projectId, code } = input;
  let cursor: string | undefined;
  for (let read = 0; read < MAX_REPLAYED;) {
    const page = await work.deadLetters.list(projectId, {
      limit: PAGE,
      ...(code === undefined ? {} : { code }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield* page.letters;
    read += page.letters.length;
    cursor = page.next;
    if (cursor === undefined) return;
  }
}

async function replay(work: Work, letter: DeadLetter, input: ReplayInput): Promise<Result> {
  const judged = await judgeLetter(work, letter);
  if (!("events" in judged)) return { id: letter.id, ...judged };
  const ids = judged.events.map((event) => event.event_id);
  const known = await work.archive.known(letter.projectId, ids);
  const missing = judged.events.filter((event) => !known.has(event.event_id));
  if (input.dryRun) {
    return { id: letter.id, verdict: missing.length > 0 ? "accepted" : "duplicate" };
  }
  const published: Published[] = [];
  if (missing.length > 0) {
    const before = await work.deadLetters.countReplay(letter.projectId, letter.id);
    if (before === undefined) return { id: letter.id, verdict: "not_found" };
    for (const event of missing) {
      // With the event's own id the broker would drop it as a duplicate of what failed downstream.
      const id = `${busMessageId(event)}:r${before + 1}`;
      const retryUntil = performance.now() + work.limits.retryForMs;
      const options = { id, headers: input.traceHeaders, retryUntil };
      published.push(await publishEvent(work, event, options));
    }
  }
  const outcome = together(published);
  if (outcome === "refused") {
    return { id: letter.id, verdict: "dead_lettered", code: "INVALID_EVENT" };
  }
  await work.deadLetters.remove(letter.projectId, [letter.id]);
  return { id: letter.id, ...verdictOf(outcome) };
}

/** Events of a letter, or why it has none; times are read as of its arrival, age as of now. */
async function judgeLetter(work: Work, letter: DeadLetter): Promise<Judged> {
  if (letter.truncated) return { verdict: "dead_lettered", code: letter.code };
  let raw: unknown;
  try {
    raw = parseJson(letter.body);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { verdict: "dead_lettered", code: error.code };
  }
  const judged =
    letter.app === APP ? await judgeSent(work, letter, raw) : judgeEnvelope(letter, raw);
  if (!("events" in judged)) return judged;
  const oldest = new Date(work.kit.now() - RETENTION_MS).toISOString();
  const isExpired = judged.events.some((event) => event.occurred_at < oldest);
  return isExpired ? { verdict: "expired", code: "EXPIRED" } : judged;
}

/** What a sender sent us. */
async function judgeSent(work: Work, letter: DeadLetter, raw: unknown): Promise<Judged> {
  const { projectId } = letter;
  const receivedAtMs = Date.parse(letter.receivedAt);
  const context = await contextOf(work, { projectId, source: undefined }, receivedAtMs);
  const result = judgeItem(raw, context, Buffer.byteLength(letter.body));
  if (result.verdict === "events") return { events: result.events };
  return { verdict: result.verdict, code: result.code satisfies ItemCode };
}

/** What a consumer of the bus put aside. */
function judgeEnvelope(letter: DeadLetter, raw: unknown): Judged {
  const refused = { verdict: "dead_lettered", code: "INVALID_EVENT" } as const;
  const parsed = signalEnvelope.safeParse(raw);
  if (!parsed.success || parsed.data.project_id !== letter.projectId) return refused;
  const receivedAtMs = Date.parse(letter.receivedAt);
  const result = normaliseEnvelope(parsed.data, { receivedAtMs });
  if (result.ok) return { events: [result.event] };
  return result.code === "EXPIRED" ? { verdict: "expired", code: "EXPIRED" } : refused;
}
