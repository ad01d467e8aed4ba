import {
  BUFFER_CAP,
  BUFFER_WINDOW_MS,
  compareEvents,
  joinEvents,
  type SignalEvent,
  type UserKey,
} from "@signalpath/domain";
import { eventMs, RefusedError, type BufferAnswer, type EventBuffer } from "@signalpath/ports";

import { APPEND, BEGIN_MOVE, ERASE_BUFFER, FINISH_MOVE } from "./buffer-scripts.ts";
import { checkRedisAnswers, onRedisReconnect, unavailable, type RedisClient } from "./client.ts";
import { createKnownBuffers } from "./known-buffers.ts";
import { appliedAtKey, DEFAULT_PREFIX, personKeys } from "./keys.ts";
import { run } from "./script.ts";

/** Redirects followed before a chain counts as a circle. */
const MAX_HOPS = 32;
/** Milliseconds a redirect or an erase floor is kept (30 days). */
export const MARK_LIFE_MS = BUFFER_WINDOW_MS;

/** Stands for "whatever buffer there is". */
const ANY_LIFE = "*";

type Fill = "set" | "leave" | "clear";
const FILL_ARGUMENT: Readonly<Record<Fill, string>> = { set: "1", leave: "0", clear: "-" };

export interface RedisEventBufferOptions {
  prefix?: string;
  /**
   * Events kept here of buffers seen lately, over all people (default 100,000, about 100 MB; 0 =
   * none). The server then sends what was added since instead of the whole set.
   */
  knownEvents?: number;
}

/** The event buffer on Redis 7: one script a step, so that every step of a person is atomic. */
export function createRedisEventBuffer(
  client: RedisClient,
  options: RedisEventBufferOptions = {},
): EventBuffer {
  const { prefix = DEFAULT_PREFIX, knownEvents = 100_000 } = options;
  const seen = createKnownBuffers(knownEvents);
  // A server that restarted may have gone back in time.
  onRedisReconnect(client, () => seen.clear());

  async function append(
    key: UserKey,
    events: readonly SignalEvent[],
    fill: Fill,
    { life = ANY_LIFE, useKnown = true }: { life?: string | undefined; useKnown?: boolean } = {},
  ): Promise<BufferAnswer> {
    const known = useKnown ? seen.get(key) : undefined;
    const args: (string | number)[] = [FILL_ARGUMENT[fill], BUFFER_CAP, BUFFER_WINDOW_MS];
    args.push(known?.epoch ?? "", known?.revision ?? 0, life);
    // What falls out of the batch alone falls out of any set with it.
    const added = events.length > BUFFER_CAP ? joinEvents([], events) : events;
    for (const event of added) args.push(event.event_id, eventMs(event), JSON.stringify(event));
    const answer = await run(client, APPEND, bufferKeys(prefix, key), args);
    if ((answer as unknown[]).length === 2) {
      const [to, open] = answer as [UserKey, number];
      return { status: "moved", to, pending: open === 1 };
    }
    const [revisionText, epoch, filled, size, complete, values, other] = answer as AppendAnswer;
    const content = {
      status: "ok" as const,
      revision: Number(revisionText),
      filled: filled === 1,
      life: epoch,
      ...(other === 1 ? { otherLife: true as const } : {}),
    };
    const sent = decodeEvents(values);
    if (complete === 1) {
      const sorted = sent.sort(compareEvents);
      if (epoch !== "") seen.put(key, { epoch, revision: content.revision }, sorted);
      return { ...content, events: sorted };
    }
    if (seen.get(key)?.epoch === epoch) {
      seen.put(
        key,
        { epoch, revision: content.revision },
        other === 1 ? sent : [...sent, ...added],
      );
      const joined = seen.get(key)?.kept.events;
      if (joined?.length === size) return { ...content, events: joined.slice() };
    }
    // Forgotten meanwhile, or an older answer overtook: ask for the whole set.
    return append(key, events, fill, { life, useKnown: false });
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
    append: (key, events, { fill, life } = {}) =>
      append(key, events, fill === true ? "set" : "leave", { life }),
    async move(from, to) {
      const root = await rootOf(to);
      if (root === from) throw new RefusedError("a buffer cannot move onto itself");
      const keys = bufferKeys(prefix, from);
      const begun = await run(client, BEGIN_MOVE, keys, [root, MARK_LIFE_MS]);
      const [redirect, filled, values] = begun as [UserKey, number, string[] | undefined];
      if (values === undefined) return;
      // What `from` had lost is missing in the root too: only the archive can say what it was.
      await appendAtRoot(redirect, decodeEvents(values), filled === 1 ? "leave" : "clear");
      await run(client, FINISH_MOVE, everyKey(prefix, from), []);
    },
    async erase(key, floor, { everything = false } = {}) {
      const args = [floor, MARK_LIFE_MS, everything ? 1 : 0];
      const answer = await run(client, ERASE_BUFFER, everyKey(prefix, key), args);
      const [events, model, features] = answer as [number, number, number];
      const removed = events === 1;
      if (!everything) return { removed };
      return { removed, modelRemoved: model === 1, featuresRemoved: features === 1 };
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

/** revision, epoch, filled, size, complete, payload values, 1 = not the life asked for. */
type AppendAnswer = [string, string, number, number, number, string[], number];

/** Keys of the buffer's scripts, in their order. */
export function bufferKeys(prefix: string, key: UserKey): string[] {
  const { order, payload, meta, recent } = personKeys(prefix, key);
  return [order, payload, meta, recent];
}

/** The same, and what is derived from the buffer. */
function everyKey(prefix: string, key: UserKey): string[] {
  const { model, features } = personKeys(prefix, key);
  return [...bufferKeys(prefix, key), model, features];
}

/** Events among the values of the payload hash, in no order; its marks are numbers. */
function decodeEvents(values: readonly string[]): SignalEvent[] {
  // One parse of all is much faster than one each.
  const parsed = JSON.parse(`[${values.join(",")}]`) as (SignalEvent | number)[];
  return parsed.filter((value) => typeof value === "object");
}
