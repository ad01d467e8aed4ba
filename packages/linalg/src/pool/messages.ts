import type { LinalgErrorCode } from "../errors.ts";

/** One piece of work: rows `from` (inclusive) to `to` of a task. */
export interface Piece {
  task: string;
  args: unknown;
  from: number;
  to: number;
}

export type Answer = { result: unknown } | { failure: { message: string; code?: LinalgErrorCode } };

/**
 * A task fills or returns rows `from` to `to` and reads nothing that the same task writes, so the
 * result is the same bits however rows are shared out.
 */
export type Task = (args: never, from: number, to: number) => unknown;
export type Tasks = Readonly<Record<string, Task>>;
