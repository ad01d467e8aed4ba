import {
  ALL_SIGNALS,
  MAX_ENVELOPE_BYTES,
  SUBJECT_OF_KIND,
  subjects,
  type Subject,
} from "@signalpath/contracts";
import { normaliseEnvelope, type SignalEvent } from "@signalpath/domain";
import {
  BusFullError,
  checkDurable,
  encodePublish,
  RefusedError,
  RETRY_PAUSES_MS,
  subjectMatches,
  UnavailableError,
  type Archive,
  type ArchiveReader,
  type Bus,
  type Clock,
  type ConsumeSpec,
  type Delivery,
  type PublishAck,
  type PublishOptions,
} from "@signalpath/ports";

import type { PendingSignal } from "./entry.ts";
import { createGroupCommit, type CommittedSignal } from "./group-commit.ts";
import { createLogConsumer, type LogConsumer } from "./log-consumer.ts";
import { createTail } from "./tail.ts";

/** Name of this dependency in errors. */
const DEPENDENCY = "bus";
const SIGNALS_PREFIX = ALL_SIGNALS.slice(0, -1);
/** After a log that could not be read, milliseconds. */
const READ_RETRY_MS = 1_000;

export interface ArchiveBusOptions {
  archive: Pick<Archive, "put" | "check">;
  reader: Pick<ArchiveReader, "log" | "offset" | "saveOffset">;
  /** Carries every other subject; closed with this bus. */
  control: Bus;
  now: Clock;
  /** Told of what a consumer or a reading threw; it is tried again. */
  onError: (error: unknown, what: string) => void;
  /** Published and not acknowledged by the slowest consumer, at most. */
  maxUndelivered?: number;
  maxUndeliveredBytes?: number;
  retryPausesMs?: readonly number[];
  /** Subject of a stored event; the log keeps none beside it. */
  subjectOf?: (event: SignalEvent) => string;
}

/**
 * The bus of one process whose log of `signals.*` is the archive. A publish resolves after its
 * group commit; durable consumers are handed what is new in the log and resume from their saved
 * offset after a crash, so what was acknowledged to a publisher reaches its consumers. Headers and
 * attempt counts live in the process.
 *
 * A signal that can never be stored throws RefusedError. One that is too old throws it too: the
 * edges judge time before they publish.
 */
export function createArchiveBus(options: ArchiveBusOptions): Bus {
  const { archive, reader, control, now, onError } = options;
  const { maxUndelivered = 20_000, maxUndeliveredBytes = 64 * 1024 * 1024 } = options;
  const { retryPausesMs = RETRY_PAUSES_MS } = options;
  const subjectOf = options.subjectOf ?? ((event) => SUBJECT_OF_KIND[event.kind].name);
  const tail = createTail(reader, subjectOf);
  const consumers = new Map<string, LogConsumer>();
  const listeners = new Set<{ filter: string; handler: (message: Delivery) => void }>();
  let closing = false;
  let closed = false;
  let heard = 0;
  let refreshing: Promise<void> | undefined;
  let again = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const commits = createGroupCommit({ archive, afterCommit });

  function afterCommit(signals: readonly CommittedSignal[]): void {
    tail.decided(signals);
    for (const signal of signals) if (signal.result.status === "inserted") tell(signal);
    refresh();
  }

  function tell({ subject, body, headers, publishedAtMs }: PendingSignal): void {
    heard += 1;
    for (const { filter, handler } of listeners) {
      if (!subjectMatches(filter, subject)) continue;
      try {
        handler({ subject, body, headers, publishedAtMs, attempt: 1, sequence: heard });
      } catch (error) {
        onError(error, `a listener of ${filter}`);
      }
    }
  }

  /** One reading at a time; a commit during a reading causes one more. */
  function refresh(): void {
    if (closed) return;
    again = true;
    refreshing ??= readOn();
  }

  async function readOn(): Promise<void> {
    while (again) {
      again = false;
      try {
        await tail.refresh();
        for (const consumer of consumers.values()) consumer.wake();
        trim();
      } catch (error) {
        onError(error, "reading the log");
        clearTimeout(retryTimer);
        retryTimer = setTimeout(refresh, READ_RETRY_MS);
        break;
      }
    }
    refreshing = undefined;
  }

  function trim(): void {
    const places = [...consumers.values()].map((consumer) => consumer.following());
    const followed = places.filter((place) => place !== undefined);
    tail.trim(followed.length === 0 ? undefined : Math.min(...followed));
  }

  function refuseWhenClosed(): void {
    if (closing) throw new UnavailableError(DEPENDENCY, "the bus is closed");
  }

  function refuseWhenFull(): void {
    let { count, bytes } = { count: 0, bytes: 0 };
    for (const consumer of consumers.values()) {
      const backlog = consumer.backlog();
      count = Math.max(count, backlog.count);
      bytes = Math.max(bytes, backlog.bytes);
    }
    const waiting = commits.waiting();
    count += waiting.count;
    bytes += waiting.bytes;
    if (count >= maxUndelivered || bytes >= maxUndeliveredBytes) {
      throw new BusFullError(DEPENDENCY, `${count} messages are not delivered yet`);
    }
  }

  function publishSignal(
    payload: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<PublishAck> {
    refuseWhenFull();
    const publishedAtMs = now();
    const normal = normaliseEnvelope(payload, { receivedAtMs: publishedAtMs });
    if (!normal.ok) throw new RefusedError(`${normal.code}: ${normal.detail}`);
    const body = JSON.stringify(normal.event);
    const bytes = Buffer.byteLength(body);
    if (bytes > MAX_ENVELOPE_BYTES) throw new RefusedError("the event is larger than 256 kB");
    const subject = subjectOf(normal.event);
    return commits.add({ event: normal.event, subject, body, bytes, headers, publishedAtMs });
  }

  async function consumerOf({ durable, filter }: ConsumeSpec): Promise<LogConsumer> {
    const startAfter = consumers.has(durable) ? 0 : await reader.offset(checkDurable(durable));
    refuseWhenClosed();
    const known = consumers.get(durable);
    if (known !== undefined) {
      if (known.filter === filter) return known;
      throw new RefusedError(`the durable ${durable} filters ${known.filter}, not ${filter}`);
    }
    const consumer = createLogConsumer({
      durable,
      filter,
      startAfter,
      tail,
      reader,
      retryPausesMs,
      onProgress: trim,
      onError,
    });
    consumers.set(durable, consumer);
    return consumer;
  }

  /** A person was erased: what the archive said about rows on their way may no longer hold. */
  function forgetDecisions(): void {
    tail.forgetDecisions();
    for (const consumer of consumers.values()) consumer.forgetDecisions();
  }

  return {
    // async: a refusal is a rejection, whatever the subject.
    async publish<T>(subject: Subject<T>, payload: T, given: PublishOptions = {}) {
      refuseWhenClosed();
      encodePublish(subject.name, null, given.id);
      if (subject.name.startsWith(SIGNALS_PREFIX)) {
        return publishSignal(payload, given.headers ?? {});
      }
      if (subject.name === subjects.userErased.name) forgetDecisions();
      return control.publish(subject, payload, given);
    },
    tell: (topic, payload) => control.tell(topic, payload),
    async consume(spec, handler) {
      refuseWhenClosed();
      if (!spec.filter.startsWith(SIGNALS_PREFIX)) return control.consume(spec, handler);
      return (await consumerOf(spec)).attach(spec, handler);
    },
    async hear(filter, handler) {
      refuseWhenClosed();
      if (!filter.startsWith(SIGNALS_PREFIX)) return control.hear(filter, handler);
      const listener = { filter, handler };
      listeners.add(listener);
      return { close: async () => void listeners.delete(listener) };
    },
    onReconnect: (listener) => control.onReconnect(listener),
    lag: async (durable, filter) =>
      filter.startsWith(SIGNALS_PREFIX)
        ? consumers.get(durable)?.lag()
        : control.lag(durable, filter),
    async check() {
      refuseWhenClosed();
      refuseWhenFull();
      await archive.check();
    },
    async close() {
      closing = true;
      await commits.drain();
      for (const consumer of consumers.values()) await consumer.close();
      closed = true;
      clearTimeout(retryTimer);
      await refreshing;
      await control.close();
    },
  };
}
