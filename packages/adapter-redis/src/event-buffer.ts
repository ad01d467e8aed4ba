import {
  BUFFER_CAP,
  BUFFER_WINDOW_MS,
  compareEvents,
  type SignalEvent,
  type UserKey,
} from "@signalpath/domain";
import { RefusedError, type BufferAnswer, type EventBuffer } from "@signalpath/ports";

import { APPEND, BEGIN_MOVE, ERASE_BUFFER, FINISH_MOVE } from "./buffer-scripts.ts";
import { checkRedisAnswers, onRedisReconnect, unavailable, type RedisClient } from "./client.ts";
import { appliedAtKey, DEFAULT_PREFIX, personKeys } from "./keys.ts";
import { run } from "./script.ts";

/** Redirects followed before a chain counts as a circle. */
const MAX_HOPS = 32;
/** Milliseconds a redirect or an erase floor is kept (30 days). */
export const MARK_LIFE_MS = BUFFER_WINDOW_MS;

type Fill = "set" | "leave" | "clear";
const FILL_ARGUMENT: Readonly<Record<Fill, string>> = { set: "1", leave: "0", clear: "-" };

/** The event buffer on Redis 7: one script a step, so that every step of a person is atomic. */
export function createRedisEventBuffer(
  client: RedisClient,
  options: { prefix?: string } = {},
): EventBuffer {
  const { prefix = DEFAULT_PREFIX } = options;

  async function append(
    key: UserKey,
    events: readonly SignalEvent[],
    fill: Fill,
  ): Promise<BufferAnswer> {
    const { order, payload, meta } = personKeys(prefix, key);
    const args: (string | number)[] = [FILL_ARGUMENT[fill], BUFFER_CAP, BUFFER_WINDOW_MS];
    for (const event of events) {
      args.push(event.event_id, Date.parse(event.occurred_at), JSON.stringify(event));
    }
    const answer = await run(client, APPEND, [order, payload, meta], args);
    const [first, second] = answer as [string, string[] | number];
    if (typeof second === "number") {
      return { status: "moved", to: first as UserKey, pending: second === 1 };
    }
    return { status: "ok", revision: Number(first), ...decodeValues(second) };
  }

  /** Appends where the redirects of `key` lead. */
  async function appendAtRoot(key: UserKey, events: SignalEvent[], fill: Fill): Promise<UserKey> {
    let at = key;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const answer = await append(at, events, fill);
      if (answer.status === "ok") return at;
      at = answer.to;
    }
    throw new RefusedError("redirects go in a circle");
  }

  async function rootOf(key: UserKey): Promise<UserKey> {
    let at = key;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const next = await client.hget(personKeys(prefix, at).meta, "redirect").catch(rethrow);
      if (next === null) return at;
      at = next as UserKey;
    }
    throw new RefusedError("redirects go in a circle");
  }

  return {
    read: (key) => append(key, [], "leave"),
    append: (key, events, { fill } = {}) => append(key, events, fill === true ? "set" : "leave"),
    async move(from, to) {
      const root = await rootOf(to);
      if (root === from) throw new RefusedError("a buffer cannot move onto itself");
      const { order, payload, meta, model } = personKeys(prefix, from);
      const begun = await run(client, BEGIN_MOVE, [order, payload, meta], [root, MARK_LIFE_MS]);
      const [redirect, values] = begun as [UserKey, string[] | undefined];
      if (values === undefined) return;
      const { events, filled } = decodeValues(values);
      // What `from` had lost is missing in the root too: only the archive can say what it was.
      await appendAtRoot(redirect, events, filled ? "leave" : "clear");
      await run(client, FINISH_MOVE, [order, payload, meta, model], []);
    },
    async erase(key, floor) {
      const { order, payload, meta } = personKeys(prefix, key);
      const args = [floor, MARK_LIFE_MS];
      return { removed: (await run(client, ERASE_BUFFER, [order, payload, meta], args)) === 1 };
    },
    async appliedAt() {
      const ms = await client.get(appliedAtKey(prefix)).catch(rethrow);
      return ms === null ? undefined : Number(ms);
    },
    async saveAppliedAt(ms) {
      await client.set(appliedAtKey(prefix), ms).catch(rethrow);
    },
    onReconnect: (listener) => onRedisReconnect(client, listener),
    check: () => checkRedisAnswers(client),
  };
}

function rethrow(error: unknown): never {
  throw unavailable(error);
}

/** Values of the payload hash, which come in no order; the one that is no object is the mark. */
function decodeValues(values: readonly string[]): { events: SignalEvent[]; filled: boolean } {
  // One parse of all is much faster than one each.
  const parsed = JSON.parse(`[${values.join(",")}]`) as (SignalEvent | number)[];
  const events = parsed.filter((value) => typeof value === "object");
  return { events: events.sort(compareEvents), filled: events.length < parsed.length };
}
