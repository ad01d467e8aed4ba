/** One event to send, and its place in its source. */
export interface ReplayEvent {
  /** 0-based, rising without gaps over everything the source holds. */
  index: number;
  /** Body as RudderStack would send it. */
  body: unknown;
  /** Size of the body as JSON, bytes at least. */
  bytes: number;
  /** Events of one person share it. */
  person: string;
}

/** What cannot be sent at all. */
export interface Unreadable {
  index: number;
  /** `events.jsonl:12: not JSON` */
  reason: string;
}

export interface ReplaySource {
  kind: "jsonl" | "movielens";
  /** Entries in it, unreadable ones included. */
  total: number;
  /** Changes when the files do: a resumed run must read the same. */
  fingerprint: string;
  events(): AsyncIterable<ReplayEvent | Unreadable>;
}
