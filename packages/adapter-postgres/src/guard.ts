import { setTimeout as sleep } from "node:timers/promises";

import { RefusedError, UnavailableError } from "@signalpath/ports";

import type { Db, TransactionConfig, Tx } from "./db.ts";

/** Name of this dependency in errors and probes. */
export const DEPENDENCY = "postgres";
/** How often a transaction is tried that lost against another one. */
const ATTEMPTS = 5;
const RETRY_DELAY_MS = 15;

/**
 * Runs `work` and turns what the driver throws into the errors of the ports: data that will never
 * fit (SQLSTATE class 22, 23, 54) is RefusedError; a server that is away, busy or shutting down is
 * UnavailableError; a fault in the statement itself stays what it is.
 */
export async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw portError(error);
  }
}

/** One transaction, tried again when it lost a deadlock or a serialisation conflict. */
export async function transact<T>(
  db: Db,
  work: (tx: Tx) => Promise<T>,
  config?: TransactionConfig,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(work, config);
    } catch (error) {
      const state = sqlState(rootCause(error));
      if (state?.startsWith("40") !== true || attempt === ATTEMPTS) throw portError(error);
      await sleep(RETRY_DELAY_MS * attempt);
    }
  }
}

function portError(error: unknown): unknown {
  if (error instanceof RefusedError || error instanceof UnavailableError) return error;
  const cause = rootCause(error);
  const state = sqlState(cause);
  // The driver's own message: drizzle's would carry the parameters, which are user data.
  const message = cause instanceof Error ? cause.message : String(cause);
  if (state === undefined) {
    const isFault = cause instanceof TypeError || cause instanceof RangeError;
    return isFault ? cause : new UnavailableError(DEPENDENCY, message, { cause });
  }
  switch (state.slice(0, 2)) {
    case "22":
    case "23":
    case "54":
      return new RefusedError(refusalOf(state), { cause });
    case "08":
    case "28":
    case "40":
    case "53":
    case "55":
    case "57":
    case "58":
      return new UnavailableError(DEPENDENCY, message, { cause });
    default:
      return cause;
  }
}

/** Callers are told this: the driver's text may carry a value and names of tables. */
function refusalOf(state: string): string {
  if (state === "22003") return "a number is out of the range that can be stored";
  if (state === "22021" || state === "22P05") return "a text holds what cannot be stored, as NUL";
  if (state === "22001" || state.startsWith("54")) return "more than can be stored";
  if (state === "23505") return "the same is stored already";
  return "the database refused this";
}

/** drizzle wraps what the driver threw. */
function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && cause.name === "Error" && cause.cause !== undefined) {
    if (sqlState(cause) !== undefined) break;
    cause = cause.cause;
  }
  return cause;
}

/** By what Postgres classifies an error. Codes of system calls (`EPIPE`) start with no such class. */
function sqlState(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  const { code } = error;
  const isState = typeof code === "string" && /^(?:\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/.test(code);
  return isState ? code : undefined;
}
