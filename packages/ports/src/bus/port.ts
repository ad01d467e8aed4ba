import type { Subject, Topic } from "@signalpath/contracts";

import type { IdentityLink, PutResult } from "../archive/port.ts";

/** The message is stored. `duplicate`: this id was stored before (inside the bus's window). */
export interface PublishAck {
  duplicate: boolean;
  /** In process only: the archive, which is that bus's log, dropped it for this reason. */
  refused?: "USER_ERASED";
}

export interface PublishOptions {
  /** Deduplication id, <= 100 characters of [A-Za-z0-9_:-]. A retry reuses it. */
  id?: string;
  headers?: Readonly<Record<string, string>>;
}

/** One message as it arrived: unparsed, since a bad one must not stop its neighbours. */
export interface Delivery {
  subject: string;
  /** UTF-8 text of the payload. */
  body: string;
  headers: Readonly<Record<string, string>>;
  /** When the bus took it, milliseconds. */
  publishedAtMs: number;
  /** 1 for the first delivery. Counted by the bus, so it survives a crash of the consumer. */
  attempt: number;
  /** Place in the stream; rises by publish order. */
  sequence: number;
  /** In process only: what the archive, which is that bus's log, decided when it stored the message. */
  archived?: { result: PutResult; links: readonly IdentityLink[] };
}

/** What becomes of a delivery: done, or once more after a pause. */
export type Outcome = "ack" | { retryInMs: number };

/** A handler's answer: one outcome a delivery in their order; nothing = all acknowledged. */
export type BatchHandler = (batch: readonly Delivery[]) => Promise<readonly Outcome[] | void>;

export interface ConsumeSpec {
  /** `signals.tip.feedback`, `signals.tip.*` or `signals.>`: one filter a consumer. */
  filter: string;
  /** Name shared by all replicas; [A-Za-z0-9_-]. */
  durable: string;
  /** Largest batch handed over. */
  maxBatch?: number;
  /** Unacknowledged for this long = delivered again, milliseconds. */
  ackWaitMs?: number;
  /** Batches in the handler at one time. */
  concurrency?: number;
  /** Delivered this often without an acknowledgement the broker abandons a message (default: never). */
  maxDeliveries?: number;
}

export interface Subscription {
  /**
   * Takes no new message, waits for those in the handler. A broker may give those back that take
   * too long: then they go to another member, although the handler still runs.
   */
  close(): Promise<void>;
}

/** A message that a durable got too often without acknowledging it. */
export interface Abandoned {
  durable: string;
  delivery: Delivery;
}

/** How far a durable consumer is behind. */
export interface ConsumerLag {
  /** Messages not yet delivered. */
  pending: number;
  /** Delivered, not acknowledged. */
  ackPending: number;
}

/**
 * The bus.
 * - `publish` resolves when the message is stored, else throws UnavailableError / BusFullError;
 *   after such a throw it may be stored all the same: retry with the same id.
 * - `consume`: one durable shared by all replicas, at least once, acknowledged last. A handler that
 *   throws has its whole batch delivered again after a growing pause (1 s, 5 s, 30 s, 2 min).
 *   A consumer created for the first time starts at the oldest message the stream holds.
 * - `hear`: every listener gets everything from now on, nothing is stored for it.
 * - `tell`: whoever hears the topic now gets it, at most once; nothing is stored and nobody waits.
 * - `*` matches one token, `>` one or more at the end.
 */
export interface Bus {
  publish<T>(subject: Subject<T>, payload: T, options?: PublishOptions): Promise<PublishAck>;
  /**
   * Never throws. false = it went nowhere: not connected, closed, or nothing a bus would take.
   */
  tell<T>(topic: Topic<T>, payload: T): boolean;
  consume(spec: ConsumeSpec, handler: BatchHandler): Promise<Subscription>;
  hear(filter: string, handler: (message: Delivery) => void): Promise<Subscription>;
  /**
   * What the broker abandoned, with the original read from its stream; at least once, one durable
   * for all replicas. Absent where nothing is abandoned (in process).
   */
  consumeAbandoned?(
    durable: string,
    handler: (batch: readonly Abandoned[]) => Promise<void>,
  ): Promise<Subscription>;
  /** Called after a lost connection is back: listeners may have missed messages. */
  onReconnect(listener: () => void): () => void;
  lag(durable: string, filter: string): Promise<ConsumerLag | undefined>;
  /** Throws UnavailableError when the bus cannot take a message now. */
  check(): Promise<void>;
  /** Finishes what is in the handlers, then disconnects. */
  close(): Promise<void>;
}
