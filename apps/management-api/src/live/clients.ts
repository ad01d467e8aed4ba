import {
  ServiceError,
  type LiveEnd,
  type LiveEventName,
  type LiveGap,
  type LiveHello,
} from "@signalpath/contracts";
import type { Clock } from "@signalpath/ports";

import type { Hub } from "./hub.ts";
import type { Ring } from "./ring.ts";

export interface LiveLimits {
  /** Open streams of this process; one more is told to come back. */
  maxClients: number;
  /** Of these, open with one key, so that no key takes them all. */
  maxClientsPerKey: number;
  /** Who has more than this many events before them loses the oldest verdicts. */
  behind: number;
  /** Events written at one time. */
  burst: number;
  /** Who takes nothing for so long is cut, milliseconds. */
  stalledMs: number;
  /** How often keys of open streams are looked at again, milliseconds. */
  keyCheckMs: number;
}

export const LIVE_LIMITS: LiveLimits = {
  maxClients: 64,
  maxClientsPerKey: 16,
  behind: 256,
  burst: 64,
  stalledMs: 60_000,
  keyCheckMs: 30_000,
};

export interface Connecting {
  projectId: number;
  /** The key it is opened with. */
  key: string;
  lastEventId: string | undefined;
  /** Resolves to the code of a key that may no longer look. */
  refusal: () => Promise<string | undefined>;
}

/** Everybody who watches. */
export interface Clients {
  /** @throws ServiceError OVERLOADED (503) beyond a limit, DRAINING (503) at the end. */
  open(connecting: Connecting): ReadableStream<Uint8Array>;
  count(): number;
  start(): void;
  /** Says goodbye to all; their streams end. */
  close(): void;
}

interface Client {
  end: LiveEnd | undefined;
  /** The client took something, on the clock. */
  tookAt: number;
  checkedAt: number;
  ring: Ring;
  connecting: Connecting;
  cut(): void;
}

const encoder = new TextEncoder();

/**
 * A stream holds no queue of its own: it reads the project's ring when its client takes, so a slow
 * one costs nothing, and misses what the ring has forgotten, which it is told.
 */
export function createClients(deps: {
  hub: Hub;
  now: Clock;
  limits: LiveLimits;
  onCount: (open: number) => void;
}): Clients {
  const { hub, now, limits } = deps;
  const clients = new Set<Client>();
  let closed = false;
  let timer: ReturnType<typeof setInterval> | undefined;

  function end(client: Client, why: LiveEnd): void {
    client.end ??= why;
    client.ring.wake();
  }

  async function checkKey(client: Client): Promise<void> {
    client.checkedAt = now();
    const code = await client.connecting.refusal();
    if (code !== undefined) end(client, { reason: "key", code });
  }

  function refuseTooMany(key: string): void {
    const wait = { retryAfterSeconds: 5 };
    if (clients.size >= limits.maxClients) {
      throw new ServiceError("OVERLOADED", "too many live streams are open here", wait);
    }
    const same = [...clients].filter(({ connecting }) => connecting.key === key).length;
    if (same < limits.maxClientsPerKey) return;
    throw new ServiceError("OVERLOADED", "too many live streams are open with this key", wait);
  }

  function look(): void {
    for (const client of clients) {
      if (now() - client.tookAt > limits.stalledMs) client.cut();
      else if (now() - client.checkedAt >= limits.keyCheckMs) void checkKey(client);
    }
  }

  return {
    count: () => clients.size,
    open(connecting) {
      if (closed) throw new ServiceError("DRAINING", "this instance is going away");
      refuseTooMany(connecting.key);
      const watching = hub.watch(connecting.projectId);
      const { ring } = watching;
      const begin = beginning(ring, connecting);
      let { cursor } = begin;
      let first: string | undefined = begin.text;
      const gone = () => {
        if (!clients.delete(client)) return;
        watching.leave();
        deps.onCount(clients.size);
      };

      async function next(): Promise<string | undefined> {
        if (first !== undefined) {
          const text = first;
          first = undefined;
          return text;
        }
        for (;;) {
          if (client.end !== undefined) return undefined;
          const { behind, burst: limit } = limits;
          const { entries, skipped } = ring.after(cursor, { behind, limit });
          const newest = entries.at(-1);
          if (newest !== undefined) {
            cursor = newest.sequence;
            const said = entries.map(({ sequence, name, data }) =>
              text(name, data, `${ring.epoch}.${sequence}`),
            );
            const gap: LiveGap = { reason: "slow", missed: skipped };
            return (skipped > 0 ? text("gap", JSON.stringify(gap)) : "") + said.join("");
          }
          await ring.changed();
        }
      }

      let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
      const client: Client = {
        end: undefined,
        tookAt: now(),
        checkedAt: now(),
        ring,
        connecting,
        cut() {
          gone();
          controller?.error(new Error("the client takes nothing"));
        },
      };
      clients.add(client);
      deps.onCount(clients.size);
      return new ReadableStream<Uint8Array>(
        {
          start: (given) => void (controller = given),
          async pull(to) {
            client.tookAt = now();
            const said = await next();
            if (!clients.has(client)) return;
            if (said !== undefined) {
              to.enqueue(encoder.encode(said));
              return;
            }
            to.enqueue(encoder.encode(text("end", JSON.stringify(client.end))));
            gone();
            to.close();
          },
          cancel() {
            gone();
            // Whoever waits in `next` finds an end instead of waiting for the next event.
            end(client, { reason: "draining", code: "DRAINING" });
          },
        },
        { highWaterMark: 0 },
      );
    },
    start() {
      timer = setInterval(look, 1_000);
      timer.unref();
    },
    close() {
      closed = true;
      clearInterval(timer);
      for (const client of clients) end(client, { reason: "draining", code: "DRAINING" });
    },
  };
}

/** Where a stream begins: behind the given id where that is still known, else now. */
function beginning(
  ring: Ring,
  { projectId, lastEventId }: Connecting,
): { cursor: number; text: string } {
  const last = ring.last();
  const [, of, at] = /^([A-Za-z0-9]{1,64})\.(\d{1,15})$/.exec(lastEventId ?? "") ?? [];
  const isOurs = of === ring.epoch;
  const sequence = Number(at);
  const resumed = isOurs && ring.holds(sequence);
  const hello: LiveHello = { project_id: projectId, resumed };
  const said = `retry: 2000\n${text("hello", JSON.stringify(hello))}`;
  if (resumed) return { cursor: sequence, text: said };
  if (lastEventId === undefined || lastEventId === "") return { cursor: last, text: said };
  const gap: LiveGap = { reason: isOurs ? "too_old" : "unknown_id", missed: null };
  return { cursor: last, text: said + text("gap", JSON.stringify(gap)) };
}

function text(name: LiveEventName, data: string, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}
