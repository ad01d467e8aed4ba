import type { UserKey } from "@signalpath/domain";

/** What is known of a refused event when it is put aside. */
export interface NewDeadLetter {
  projectId: number;
  app: string;
  code: string;
  detail: string;
  receivedAt: string;
  /** The original as text (JSON where it could be read), cut at 256 kB. */
  body: string;
  truncated: boolean;
  /** Set when the event had one; otherwise the body tells two letters apart. */
  eventId?: string;
  /** Subject keys of the event, so that an erasure finds it. */
  userKey?: UserKey;
  anonymousKey?: UserKey;
}

export interface DeadLetter extends NewDeadLetter {
  /** Hash of project, app, code and event id or body: a redelivery is one row. */
  id: string;
  replays: number;
}

/**
 * Refused events with their cause. Kept 30 days, newest 100,000 a project.
 * `put` is idempotent: the same (project, app, code, event id or body) is one row, first stays.
 */
export interface DeadLetters {
  put(letters: readonly NewDeadLetter[]): Promise<void>;
  /** Newest first. */
  list(
    projectId: number,
    options: { app?: string; code?: string; limit: number; cursor?: string },
  ): Promise<{ letters: DeadLetter[]; next: string | undefined }>;
  get(projectId: number, ids: readonly string[]): Promise<DeadLetter[]>;
  /** Counts a replay and answers how often it was replayed before; undefined = not there. */
  countReplay(projectId: number, id: string): Promise<number | undefined>;
  /** Drops a letter whose replay succeeded. */
  remove(projectId: number, ids: readonly string[]): Promise<void>;
  /** How many there are of each app that has any, over all projects; by name. */
  counts(): Promise<{ app: string; count: number }[]>;
  /** Rows past their age or their project's number. */
  prune(nowMs: number): Promise<number>;
}
