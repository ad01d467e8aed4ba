import { setTimeout as sleep } from "node:timers/promises";

import type { Body } from "./people.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { between } from "./random.ts";

export interface SenderOptions {
  /** Instances of the webhook, taken in turns. */
  urls: readonly string[];
  key: string;
  next: () => Body;
  /** Events a second, while nothing holds them back. */
  rate: number;
  random: () => number;
  /** Most requests under way; at that number nothing new is made. */
  maxOpen?: number;
  /** Share of the requests sent as RudderStack, which wants a 429 where others get a 503 [0, 1]. */
  rudder?: number;
  /** Only a refused connection is tried again, at the next instance: all else is a failed request. */
  strict?: boolean;
  timeoutMs?: number;
}

export interface Sender {
  ledger: Ledger;
  /** Failed requests of a strict sender, and answers that told to come back without saying when. */
  complaints: string[];
  /** Makes no further events; resolves when all have an answer or `ms` are over. */
  finish(ms: number): Promise<void>;
}

const TICK_MS = 25;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

interface Answer {
  results: { message_id: string | null; verdict: string }[];
}

/**
 * Sends events as RudderStack does: at a rate, small arrays among them, and again with the same
 * ids after growing pauses until an answer says stored or never.
 */
export function startSender(options: SenderOptions): Sender {
  const { urls, key, next, rate, random, maxOpen = 200, strict = false } = options;
  const { timeoutMs = 10_000, rudder = 0 } = options;
  const ledger = createLedger();
  const complaints: string[] = [];
  const open = new Set<Promise<void>>();
  let turn = 0;
  let making = true;
  let sending = true;

  /** @returns true when every event of it has its fate. */
  async function post(group: readonly Body[], url: string): Promise<boolean> {
    for (const { messageId } of group) ledger.attempt(messageId);
    const isRudder = rudder > 0 && random() < rudder;
    const agent = isRudder ? { "user-agent": "RudderLabs" } : {};
    const response = await fetch(`${url}/api/ingest`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-write-key": key, ...agent },
      body: JSON.stringify(group.length === 1 ? group[0] : group),
      signal: AbortSignal.timeout(timeoutMs),
    });
    ledger.saw(String(response.status));
    const text = await response.text();
    if (response.status === 429 || response.status >= 500) {
      const after = Number(response.headers.get("retry-after"));
      if (!(after > 0)) complaints.push(`${response.status} without Retry-After: ${text}`);
      const isMeantFor = (response.status === 429) === isRudder || text.includes("RATE_LIMITED");
      if (rudder > 0 && !isMeantFor) {
        complaints.push(`${response.status} to ${isRudder ? "RudderStack" : "another"}: ${text}`);
      }
      if (strict) complaints.push(`${response.status}: ${text}`);
      return false;
    }
    if (response.ok) settle(JSON.parse(text) as Answer);
    else for (const { messageId } of group) ledger.settle(messageId, "rejected", Date.now());
    return true;
  }

  function settle({ results }: Answer): void {
    const now = Date.now();
    for (const { message_id, verdict } of results) {
      const isStored = verdict === "accepted" || verdict === "duplicate";
      const fate = isStored ? "accepted" : verdict === "dead_lettered" ? "dead" : "rejected";
      if (message_id !== null) ledger.settle(message_id, fate, now);
    }
  }

  async function deliver(group: readonly Body[]): Promise<void> {
    const start = turn++;
    for (let attempt = 0; ; attempt++) {
      if (!sending) return;
      const url = urls[(start + attempt) % urls.length] as string;
      try {
        if (await post(group, url)) return;
      } catch (error) {
        const what = failureOf(error);
        ledger.saw(what);
        if (strict && what !== "ECONNREFUSED") complaints.push(what);
        if (strict && what === "ECONNREFUSED" && attempt < urls.length) continue;
      }
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 8));
      await sleep(pause * (0.5 + random()));
    }
  }

  async function make(): Promise<void> {
    let due = 0;
    let madeAt = performance.now();
    for (;;) {
      await sleep(TICK_MS);
      if (!making) return;
      const now = performance.now();
      due = Math.min(due + ((now - madeAt) / 1_000) * rate, rate);
      madeAt = now;
      while (due >= 1 && open.size < maxOpen) {
        const group = Array.from({ length: random() < 0.2 ? between(random, 2, 5) : 1 }, next);
        due -= group.length;
        const work = deliver(group).finally(() => open.delete(work));
        open.add(work);
      }
    }
  }

  const made = make();
  return {
    ledger,
    complaints,
    async finish(ms) {
      making = false;
      await made;
      const given = sleep(ms).then(() => void (sending = false));
      await Promise.race([Promise.all(open), given]);
      sending = false;
      await Promise.all(open);
    },
  };
}

/** `ECONNREFUSED`, `UND_ERR_SOCKET`, `TimeoutError`. */
export function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = (error.cause ?? {}) as { code?: string };
  return code ?? error.name;
}
