import type { Entry, Queue } from "./queue.ts";
import type { Surroundings } from "./surroundings.ts";
import { SignalpathError } from "./types.ts";
import { API_KEY_HEADER, RETRY_AFTER_HEADER } from "./wire.ts";

export interface SenderOptions {
  url: string;
  key: string;
  /** Events of one request at most. */
  batchSize: number;
  /** An event waits this long for company, milliseconds. */
  flushAfterMs: number;
  /** First and longest pause after a failure, milliseconds. */
  backoffMs: { first: number; most: number };
  onError: (error: SignalpathError) => void;
}

export interface Sender {
  /** Something was added. */
  wake(): void;
  /** Sends all that waits, now; resolves when it is stored or has to wait. Never rejects. */
  flush(): Promise<void>;
  /** The browser is online again: a pause that nobody asked for is over. */
  online(): void;
  /** The page is going away: one request that outlives it. */
  leave(): void;
  sent(): number;
  refused(): number;
  stop(): void;
}

/** Browsers take 64 KiB of requests that outlive their page; the envelope needs some of it. */
const KEEPALIVE_BYTES = 60_000;
const REQUEST_MS = 15_000;
/** A door may ask for a longer pause, and timers of browsers hold no more than 24 days. */
const MAX_ASKED_MS = 3_600_000;
type Outcome = "stored" | "refused" | "later";

/**
 * Moves events from the queue to the ingest door: in batches, oldest first, one request at a time.
 * A failure waits with a doubling, jittered pause or as long as the door says; an event leaves the
 * queue only when the door has stored or refused it, and a repeated one is the same by its id.
 */
export function createSender(queue: Queue, around: Surroundings, options: SenderOptions): Sender {
  let cancelTimer: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let failures = 0;
  let batchSize = options.batchSize;
  let notBefore = 0;
  let isAsked = false;
  /** On their way with a request that outlives the page. */
  const leaving = new Set<string>();
  let sent = 0;
  let refused = 0;
  let stopped = false;

  /** In a turn of its own: what the page does about it must not end the sending. */
  const complain = (error: SignalpathError) => void around.after(0, () => options.onError(error));

  function schedule(ms: number): void {
    if (cancelTimer !== undefined || stopped) return;
    cancelTimer = around.after(ms, () => {
      cancelTimer = undefined;
      void flush();
    });
  }

  function request(entries: readonly Entry[], isLast: boolean): Promise<Response> {
    const sentAt = new Date(around.now()).toISOString();
    const batch = entries.map(({ event }) => ({ ...event, sentAt }));
    return around.fetch(options.url, {
      method: "POST",
      headers: { "content-type": "application/json", [API_KEY_HEADER]: options.key },
      body: JSON.stringify({ batch }),
      credentials: "omit",
      keepalive: isLast || entries.reduce((sum, { bytes }) => sum + bytes, 0) < KEEPALIVE_BYTES / 2,
      ...(isLast ? {} : { signal: AbortSignal.timeout(REQUEST_MS) }),
    });
  }

  async function send(entries: readonly Entry[]): Promise<Outcome> {
    let answer: Response;
    try {
      answer = await request(entries, false);
    } catch (cause) {
      pause(undefined);
      const why = new SignalpathError(0, "NO_ANSWER", "the ingest door does not answer", { cause });
      complain(why);
      return "later";
    }
    if (answer.ok) {
      failures = 0;
      batchSize = Math.min(options.batchSize, batchSize * 2);
      return "stored";
    }
    complain(await errorOf(answer));
    if (answer.status === 413 && entries.length > 1) {
      batchSize = Math.max(1, entries.length >> 1);
      return "later";
    }
    // What a door says about these bytes holds for ever; what it says about the key may be mended.
    if ([400, 413, 415, 422].includes(answer.status)) return "refused";
    pause(Number(answer.headers.get(RETRY_AFTER_HEADER)) * 1_000 || undefined);
    return "later";
  }

  function pause(askedMs: number | undefined): void {
    isAsked = askedMs !== undefined;
    const most = Math.min(options.backoffMs.most, options.backoffMs.first * 2 ** failures++);
    notBefore =
      around.now() +
      Math.max(Math.min(askedMs ?? 0, MAX_ASKED_MS), most * (0.5 + around.random() / 2));
  }

  async function drain(): Promise<void> {
    for (;;) {
      if (stopped || around.now() < notBefore) break;
      const entries = queue.peek(batchSize, KEEPALIVE_BYTES);
      if (entries.length === 0) return;
      const outcome = await send(entries);
      if (outcome === "later") continue;
      queue.remove(entries);
      if (outcome === "stored") sent += entries.length;
      else refused += entries.length;
    }
    if (queue.size() > 0) schedule(Math.max(0, notBefore - around.now()));
  }

  function flush(): Promise<void> {
    running ??= drain().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    wake: () => schedule(options.flushAfterMs),
    flush,
    online() {
      if (!isAsked) notBefore = 0;
      void flush();
    },
    leave() {
      // Hidden, then left: what is on its way needs no second request.
      const waiting = queue.peek(batchSize, KEEPALIVE_BYTES);
      const entries = waiting.filter(({ key }) => !leaving.has(key));
      if (entries.length === 0) return;
      for (const { key } of entries) leaving.add(key);
      // Whether it arrives is seen if the page lives on; else the next page sends the same ids.
      request(entries, true)
        .then((answer) => {
          if (!answer.ok) return;
          queue.remove(entries);
          sent += entries.length;
        })
        .catch(() => {})
        .finally(() => {
          for (const { key } of entries) leaving.delete(key);
        });
    },
    sent: () => sent,
    refused: () => refused,
    stop() {
      stopped = true;
      cancelTimer?.();
    },
  };
}

/** The door's own words, where it has any. */
export async function errorOf(answer: Response): Promise<SignalpathError> {
  const body = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  const message = body.detail ?? `answered with ${answer.status}`;
  return new SignalpathError(answer.status, body.code ?? "UNKNOWN", message);
}
