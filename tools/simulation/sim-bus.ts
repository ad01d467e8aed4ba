import type {
  Bus,
  ConsumeSpec,
  BatchHandler,
  Delivery,
  Outcome,
  Subscription,
} from "@signalpath/ports";
import { subjectMatches } from "@signalpath/ports";

import type { Actor, Turns } from "./turns.ts";

type Message = Omit<Delivery, "attempt">;

/** One message on its way to one durable. */
export interface Copy {
  message: Message;
  durable: string;
  attempts: number;
  status: "ready" | "out" | "done";
  holder: Actor | undefined;
}

interface Consumer {
  actor: Actor;
  spec: ConsumeSpec;
  handler: BatchHandler;
}

/** A bus whose deliveries are steps of the schedule. It loses nothing it took. */
export interface SimBus {
  forActor(actor: Actor): Bus;
  /** Stores a message and tells whoever hears now. */
  publish(subject: string, payload: unknown): Message;
  copies(): readonly Copy[];
  /** Hands up to `count` waiting messages over, in an order of `shuffle`. False: nobody or nothing. */
  deliver(actor: Actor, durable: string, count: number, shuffle: number): boolean;
  durablesOf(actor: Actor): string[];
  crash(actor: Actor): void;
  /** What was heard and not taken yet is lost; reconnect listeners are called. */
  back(actor: Actor): void;
}

/** @param settings.ackFirst acknowledges before the handler has run, which no bus may do. */
export function createSimBus(
  turns: Turns,
  now: () => number,
  settings: { ackFirst?: boolean } = {},
): SimBus {
  const durables = new Map<string, string>();
  const messages: Message[] = [];
  const copies: Copy[] = [];
  let consumers: Consumer[] = [];
  let hearers: { actor: Actor; filter: string; handler: (message: Delivery) => void }[] = [];
  let listeners: { actor: Actor; listener: () => void }[] = [];
  const unheard = new Map<Actor, Set<object>>();

  function offer(message: Message, durable: string, filter: string): void {
    if (!subjectMatches(filter, message.subject)) return;
    copies.push({ message, durable, attempts: 0, status: "ready", holder: undefined });
  }

  function publish(subject: string, payload: unknown): Message {
    const message: Message = {
      subject,
      body: JSON.stringify(payload),
      headers: {},
      publishedAtMs: now(),
      sequence: messages.length + 1,
    };
    messages.push(message);
    for (const [durable, filter] of durables) offer(message, durable, filter);
    for (const { actor, filter, handler } of hearers) {
      if (!subjectMatches(filter, subject)) continue;
      const token = {};
      const lost = unheard.get(actor) ?? new Set();
      unheard.set(actor, lost.add(token));
      void turns.call(actor, "bus", `hears ${subject}`, () => {
        if (lost.delete(token)) handler({ ...message, attempt: 1 });
      });
    }
    return message;
  }

  function settleBatch(batch: readonly Copy[], outcomes: readonly Outcome[] | void): void {
    for (const [index, copy] of batch.entries()) {
      const outcome = outcomes?.[index] ?? "ack";
      copy.status = outcome === "ack" ? "done" : copy.status === "done" ? "done" : "ready";
    }
  }

  async function hand({ actor, handler, spec }: Consumer, batch: readonly Copy[]): Promise<void> {
    for (const copy of batch) {
      Object.assign(copy, { status: "out", holder: actor });
      copy.attempts += 1;
    }
    const deliveries = batch.map(({ message, attempts }) => ({ ...message, attempt: attempts }));
    if (settings.ackFirst === true) settleBatch(batch, undefined);
    const again = batch.map((): Outcome => ({ retryInMs: 1 }));
    const outcomes = await handler(deliveries).catch(() => again);
    const what = `acknowledges ${batch.length} of ${spec.durable}`;
    await turns
      .call(actor, "bus", what, () => settleBatch(batch, outcomes))
      .catch(() => {
        for (const copy of batch) if (copy.status === "out") copy.status = "ready";
      });
  }

  return {
    publish,
    copies: () => copies,
    durablesOf: (actor) =>
      consumers.filter((one) => one.actor === actor).map((one) => one.spec.durable),
    deliver(actor, durable, count, shuffle) {
      const consumer = consumers.find((one) => one.actor === actor && one.spec.durable === durable);
      const ready = copies.filter((one) => one.durable === durable && one.status === "ready");
      if (consumer === undefined || ready.length === 0) return false;
      const batch: Copy[] = [];
      let choice = shuffle;
      while (batch.length < Math.min(count, consumer.spec.maxBatch ?? count) && ready.length > 0) {
        batch.push(...ready.splice(choice % Math.min(ready.length, 4), 1));
        choice = Math.floor(choice / 4);
      }
      void hand(consumer, batch);
      return true;
    },
    crash(actor) {
      consumers = consumers.filter((one) => one.actor !== actor);
      hearers = hearers.filter((one) => one.actor !== actor);
      listeners = listeners.filter((one) => one.actor !== actor);
      for (const copy of copies) {
        if (copy.holder === actor && copy.status === "out") copy.status = "ready";
      }
    },
    back(actor) {
      unheard.get(actor)?.clear();
      for (const one of listeners.filter((each) => each.actor === actor)) one.listener();
    },
    forActor: (actor): Bus => ({
      publish: async ({ name }, payload) => {
        publish(name, payload);
        return { duplicate: false };
      },
      // Facts that nothing is decided by: what is told goes nowhere.
      tell: () => false,
      async consume(spec, handler): Promise<Subscription> {
        if (!durables.has(spec.durable)) {
          durables.set(spec.durable, spec.filter);
          for (const message of messages) offer(message, spec.durable, spec.filter);
        }
        consumers.push({ actor, spec, handler });
        return { close: async () => undefined };
      },
      async hear(filter, handler): Promise<Subscription> {
        hearers.push({ actor, filter, handler });
        return { close: async () => undefined };
      },
      onReconnect(listener) {
        listeners.push({ actor, listener });
        return () => void (listeners = listeners.filter((one) => one.listener !== listener));
      },
      lag: async () => undefined,
      check: async () => undefined,
      close: async () => undefined,
    }),
  };
}
