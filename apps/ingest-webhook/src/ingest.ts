import { setImmediate as breathe } from "node:timers/promises";

import {
  ServiceError,
  SUBJECT_OF_KIND,
  type IngestItemResult,
  type IngestResponse,
  type ItemCode,
} from "@signalpath/contracts";
import type { NormaliseContext, SignalEvent } from "@signalpath/domain";
import type { NewDeadLetter } from "@signalpath/ports";
import { sha256, type BrokenEncodingError } from "@signalpath/service-kit";
import { isbot } from "isbot";

import { letterOfBody, letterOfItem, letterOfPacked, putLetters } from "./dead-letter.ts";
import type { Work } from "./deps.ts";
import { judgeItem } from "./judge-item.ts";
import { readItems } from "./read-items.ts";
import { storeEvents, verdictOf, type Draft } from "./store-events.ts";
import type { JudgedItem } from "./tell-verdicts.ts";

/** Judging goes on this long before others get a turn, milliseconds. */
const TURN_MS = 10;

export interface IngestInput {
  projectId: number;
  /** Name of the key's source. */
  source: string | undefined;
  /** Decompressed body. */
  bytes: Uint8Array;
  /** Trace headers of the request, sent on with every event. */
  traceHeaders: Readonly<Record<string, string>>;
}

/**
 * Takes the events of one request: a verdict for each, in their order. It answers only when every
 * accepted event and every dead letter is stored.
 * @throws ServiceError for a body nothing can be read from (400, 413); UnavailableError when
 * something is not stored: what was stored stays, and a retry finds it as duplicate.
 */
export async function ingest(work: Work, input: IngestInput): Promise<IngestResponse> {
  const receivedAtMs = work.kit.now();
  const items = await readOrPutAside(work, input, receivedAtMs);
  try {
    const context = await contextOf(work, input, receivedAtMs);
    const judged = await judgeAll(work, items, context, input.bytes.length);
    await store(work, judged, input);
    await putLetters(work.deadLetters, judged.letters);
    for (const { code } of judged.letters) work.metrics.deadLettered(code);
    const results = withTwins(judged);
    for (const { verdict } of results) work.metrics.judged(input.source, verdict);
    work.live.judged(input.projectId, toldOf(judged, results));
    return summary(results);
  } catch (error) {
    work.metrics.judged(input.source, "unavailable", items.length);
    throw error;
  }
}

async function readOrPutAside(
  work: Work,
  { projectId, bytes }: IngestInput,
  receivedAtMs: number,
): Promise<readonly unknown[]> {
  try {
    return readItems(bytes).items;
  } catch (error) {
    if (error instanceof ServiceError && error.code === "MALFORMED_JSON") {
      const refusal = { projectId, code: error.code, detail: error.message, receivedAtMs };
      await putBodyAside(work, letterOfBody(refusal, bytes));
    }
    throw error;
  }
}

/** Puts aside a body that could not be unpacked. @throws UnavailableError: then it is not answered 400. */
export async function putPackedAside(
  work: Work,
  projectId: number,
  { message, sent, truncated }: BrokenEncodingError,
): Promise<void> {
  const refusal = {
    projectId,
    code: "MALFORMED_JSON",
    detail: `${message}; its bytes as base64`,
    receivedAtMs: work.kit.now(),
  } as const;
  await putBodyAside(work, letterOfPacked(refusal, sent, truncated));
}

async function putBodyAside(work: Work, letter: NewDeadLetter): Promise<void> {
  await putLetters(work.deadLetters, [letter]);
  work.metrics.deadLettered(letter.code);
  work.live.judged(letter.projectId, [{ verdict: "dead_lettered", code: letter.code }]);
}

/** What a project's events are read with; also used when they are replayed. */
export async function contextOf(
  work: Work,
  { projectId, source }: { projectId: number; source: string | undefined },
  receivedAtMs: number,
): Promise<NormaliseContext> {
  const eventMap = await work.eventMaps.of(projectId);
  return {
    projectId,
    receivedAtMs,
    eventMap,
    sha256,
    isBotUserAgent: isbot,
    ...(source === undefined ? {} : { source: source.slice(0, 100) }),
  };
}

/** Verdicts of a request beside the events they are about. */
function toldOf({ drafts }: Judged, results: readonly IngestItemResult[]): JudgedItem[] {
  const items: JudgedItem[] = results.map(({ verdict, code, subject }) => {
    return { verdict, code, subject };
  });
  for (const { index, events } of drafts) (items[index] as JudgedItem).event = events[0];
  return items;
}

/** Everything that is known of a request's events; `results` has one hole for each draft. */
interface Judged {
  raw: readonly unknown[];
  results: (IngestItemResult | undefined)[];
  drafts: (Draft & { index: number })[];
  /** Place of a further copy of a message id -> place of its first. */
  twins: Map<number, number>;
  letters: NewDeadLetter[];
  receivedAtMs: number;
}

async function judgeAll(
  work: Work,
  raw: readonly unknown[],
  context: NormaliseContext,
  requestBytes: number,
): Promise<Judged> {
  const { receivedAtMs } = context;
  const judged: Judged = {
    raw,
    results: Array.from({ length: raw.length }),
    drafts: [],
    twins: new Map(),
    letters: [],
    receivedAtMs,
  };
  const firsts = new Map<string, number>();
  let turnAt = performance.now();
  for (const [index, item] of raw.entries()) {
    if (performance.now() - turnAt > TURN_MS) {
      await breathe();
      turnAt = performance.now();
    }
    const result = judgeItem(item, context, requestBytes);
    if (result.verdict === "events") {
      const first = firsts.get(result.messageId);
      if (first !== undefined) {
        judged.twins.set(index, first);
        continue;
      }
      firsts.set(result.messageId, index);
      judged.drafts.push({ index, messageId: result.messageId, events: result.events });
      if (result.clamped) work.metrics.clamped();
      continue;
    }
    const { verdict, code, messageId } = result;
    judged.results[index] = { message_id: messageId ?? null, verdict, code };
    if (verdict === "dead_lettered") putAside(judged, index, context.projectId, result);
  }
  return judged;
}

function putAside(
  judged: Judged,
  index: number,
  projectId: number,
  why: { code: ItemCode; detail: string; messageId: string | undefined },
): void {
  const { receivedAtMs } = judged;
  const refusal = { projectId, code: why.code, detail: why.detail, receivedAtMs };
  judged.letters.push(letterOfItem(refusal, judged.raw[index], why.messageId));
}

/** Stores the drafts and fills their holes in the results. */
async function store(work: Work, judged: Judged, input: IngestInput): Promise<void> {
  if (judged.drafts.length === 0) return;
  const { projectId, traceHeaders } = input;
  const published = await storeEvents(work, judged.drafts, projectId, traceHeaders);
  for (const [at, { index, messageId, events }] of judged.drafts.entries()) {
    const outcome = published[at];
    const [event] = events as [SignalEvent];
    if (outcome === undefined || outcome === "refused") {
      const code = "INVALID_EVENT";
      judged.results[index] = { message_id: messageId, verdict: "dead_lettered", code };
      const detail = "the store refuses a value of this event";
      putAside(judged, index, projectId, { code, detail, messageId });
      continue;
    }
    const verdict = verdictOf(outcome);
    const subject =
      verdict.verdict === "ignored" ? {} : { subject: SUBJECT_OF_KIND[event.kind].name };
    judged.results[index] = { message_id: messageId, ...verdict, ...subject };
    if (event.is_bot === true && verdict.verdict === "accepted") work.metrics.bot();
  }
}

/** Further copies of a message id in one request share the first one's fate, never its count. */
function withTwins({ results, twins }: Judged): IngestItemResult[] {
  for (const [index, first] of twins) {
    const original = results[first] as IngestItemResult;
    const isStored = original.verdict === "accepted";
    results[index] = isStored ? { ...original, verdict: "duplicate" } : { ...original };
  }
  return results as IngestItemResult[];
}

function summary(results: IngestItemResult[]): IngestResponse {
  const count = (verdict: IngestItemResult["verdict"]): number =>
    results.filter((one) => one.verdict === verdict).length;
  return {
    received: results.length,
    accepted: count("accepted"),
    duplicates: count("duplicate"),
    ignored: count("ignored"),
    expired: count("expired"),
    dead_lettered: count("dead_lettered"),
    results,
  };
}
