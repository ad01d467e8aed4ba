import type { SignalEvent } from "@signalpath/domain";
import type { ArchiveReader, LoggedEvent } from "@signalpath/ports";

import type { LogEntry } from "./entry.ts";
import type { CommittedSignal } from "./group-commit.ts";

const PAGE = 2_000;
/** Signals whose headers are remembered. */
const MAX_HEADERS = 5_000;

/** The newest part of the log, in memory for consumers that keep up. */
export interface Tail {
  /**
   * Entries after `sequence`; undefined when they are no longer (or not yet) in memory and must be
   * read from the log.
   */
  after(sequence: number, limit: number): LogEntry[] | undefined;
  countAfter(sequence: number): { count: number; bytes: number };
  /** Entries above it are in memory; undefined: nobody follows. */
  floor(): number | undefined;
  /** Someone has read the log to its end: from here on the tail follows it. */
  follow(sequence: number): void;
  /** Remembers decisions until their rows come back from the log. */
  decided(signals: readonly CommittedSignal[]): void;
  /** Reads what was committed since. Nothing to do when nobody follows. */
  refresh(): Promise<void>;
  /** Forgets entries up to `sequence`; undefined: nobody follows any more. */
  trim(sequence: number | undefined): void;
  /** Decisions may be outdated (a person was erased): consumers must ask the archive again. */
  forgetDecisions(): void;
  page(after: number): Promise<LogEntry[]>;
}

export function createTail(
  reader: Pick<ArchiveReader, "log">,
  subjectOf: (event: SignalEvent) => string,
): Tail {
  let entries: LogEntry[] = [];
  /** Everything above `floor` up to `head` is in `entries`; undefined: nobody follows. */
  let floor: number | undefined;
  let head = 0;
  /** Bytes of all entries ever held up to and including the one at the same place. */
  let ends: number[] = [];
  let total = 0;
  const decisions = new Map<string, { signal: CommittedSignal; generation: number }>();
  /** The log keeps no headers: those of the newest signals, for who reads them back from it. */
  const headersOf = new Map<string, LogEntry["headers"]>();
  let generation = 0;
  let reading: Promise<void> | undefined;
  let again = false;

  function firstAfter(sequence: number): number {
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle]?.sequence ?? Infinity) > sequence) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** One reading at a time, or rows would come in twice; who asks meanwhile gets one more. */
  async function readOn(): Promise<void> {
    while (again) {
      again = false;
      await readRows();
    }
  }

  async function readRows(): Promise<void> {
    for (;;) {
      if (floor === undefined) return;
      const asked = generation;
      const rows = await reader.log({ after: head, limit: PAGE });
      if (floor === undefined) return;
      for (const row of rows) {
        const id = idOf(row.event);
        const entry = entryOf(row, decisions.get(id)?.signal, subjectOf, headersOf.get(id));
        decisions.delete(id);
        entries.push(entry);
        total += entry.bytes;
        ends.push(total);
        head = row.sequence;
      }
      if (rows.length < PAGE) {
        forgetUpTo(asked);
        return;
      }
    }
  }

  /** Decisions whose rows are gone again (erased between commit and reading). */
  function forgetUpTo(asked: number): void {
    for (const [id, decision] of decisions) {
      if (decision.generation > asked) return;
      decisions.delete(id);
    }
  }

  async function page(after: number): Promise<LogEntry[]> {
    const rows = await reader.log({ after, limit: PAGE });
    return rows.map((row) => {
      return entryOf(row, undefined, subjectOf, headersOf.get(idOf(row.event)));
    });
  }

  return {
    page,
    after(sequence, limit) {
      if (floor === undefined || sequence < floor) return undefined;
      const from = firstAfter(sequence);
      return entries.slice(from, from + limit);
    },
    countAfter(sequence) {
      const from = firstAfter(sequence);
      const first = entries[from];
      const before = first === undefined ? total : (ends[from] ?? 0) - first.bytes;
      return { count: entries.length - from, bytes: total - before };
    },
    floor: () => floor,
    follow(sequence) {
      if (floor !== undefined) return;
      floor = sequence;
      head = sequence;
    },
    decided(signals) {
      rememberHeaders(headersOf, signals);
      if (floor === undefined) return;
      generation += 1;
      for (const signal of signals) {
        if (signal.result.status !== "inserted") continue;
        decisions.set(idOf(signal.event), { signal, generation });
      }
    },
    refresh() {
      again = true;
      reading ??= readOn().finally(() => (reading = undefined));
      return reading;
    },
    trim(sequence) {
      if (sequence === undefined) {
        floor = undefined;
        entries = [];
        ends = [];
        decisions.clear();
        return;
      }
      if (floor === undefined || sequence <= floor) return;
      const gone = firstAfter(sequence);
      // Cut seldom: a slice of the whole tail for every batch would be quadratic.
      if (gone < 256 && gone < entries.length) return;
      entries = entries.slice(gone);
      ends = ends.slice(gone);
      floor = sequence;
    },
    forgetDecisions() {
      decisions.clear();
      for (const entry of entries) entry.archived = undefined;
    },
  };
}

function rememberHeaders(
  headersOf: Map<string, LogEntry["headers"]>,
  signals: readonly CommittedSignal[],
): void {
  for (const { event, headers, result } of signals) {
    if (result.status !== "inserted" || Object.keys(headers).length === 0) continue;
    headersOf.set(idOf(event), headers);
  }
  for (const id of headersOf.keys()) {
    if (headersOf.size <= MAX_HEADERS) return;
    headersOf.delete(id);
  }
}

function idOf(event: { project_id: number; event_id: string }): string {
  return `${event.project_id}/${event.event_id}`;
}

function entryOf(
  row: LoggedEvent,
  signal: CommittedSignal | undefined,
  subjectOf: (event: SignalEvent) => string,
  headers: LogEntry["headers"] = {},
): LogEntry {
  const { sequence, event } = row;
  if (signal !== undefined) {
    const { subject, body, bytes, publishedAtMs, result, links } = signal;
    const archived = { result, links };
    return { sequence, subject, body, bytes, headers: signal.headers, publishedAtMs, archived };
  }
  const body = JSON.stringify(event);
  return {
    sequence,
    subject: subjectOf(event),
    body,
    bytes: Buffer.byteLength(body),
    headers,
    publishedAtMs: Date.parse(event.received_at),
    archived: undefined,
  };
}
