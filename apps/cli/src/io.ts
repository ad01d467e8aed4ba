import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";

import Table from "cli-table3";

import { printable } from "./terminal-text.ts";

/** What a command may touch beside the network and its files. Tests hand in their own. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>;
  out: (text: string) => void;
  err: (text: string) => void;
  /** A person watches: progress bars and questions make sense. */
  interactive: boolean;
  fetch: typeof fetch;
  now: () => number;
  random: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** The real ones, of this process. */
export function processIo(env: Io["env"], signal: AbortSignal): Io {
  return {
    env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY && process.stdin.isTTY,
    fetch,
    now: Date.now,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    signal,
  };
}

export function printJson(io: Io, value: unknown): void {
  io.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** A table for people: a head and rows of texts. */
export function printTable(
  io: Io,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  table.push(...rows.map((row) => row.map((cell) => printable(String(cell)))));
  io.out(`${table.toString()}\n`);
}

/** Facts of one thing, one a line. */
export function printFacts(io: Io, facts: readonly (readonly [string, string | number])[]): void {
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts) {
    io.out(`${name.padEnd(width)}  ${printable(String(value))}\n`);
  }
}

/** Asks on the terminal; without one the answer is yes: a script has decided already. */
export async function confirm(io: Io, question: string): Promise<boolean> {
  if (!io.interactive) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const stop = new AbortController();
  // Ctrl-C is no answer, which is a no.
  terminal.once("SIGINT", () => stop.abort());
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: stop.signal });
    return /^y(?:es)?$/i.test(answer.trim());
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return false;
  } finally {
    terminal.close();
  }
}

/** Text of a file; undefined when there is none. Any other trouble is thrown. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
