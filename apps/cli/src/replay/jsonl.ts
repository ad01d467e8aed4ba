import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";

import { usageError } from "../exit-codes.ts";
import type { ReplayEvent, ReplaySource, Unreadable } from "./event.ts";

const NAMES = /\.(?:jsonl|ndjson)(?:\.gz)?$/;

/** The event files of a path: itself, or those of a folder by name. */
async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => NAMES.test(name)).toSorted();
  if (names.length === 0) {
    throw usageError(`${path} holds neither ratings.csv nor *.jsonl or *.ndjson files`);
  }
  return names.map((name) => join(path, name));
}

async function* linesOf(file: string): AsyncIterable<{ line: string; number: number }> {
  const bytes = createReadStream(file);
  const input = file.endsWith(".gz") ? bytes.pipe(createGunzip()) : bytes;
  // A broken file must end the reading with its error, not with a short read.
  const failed = new Promise<never>((_, reject) => {
    bytes.once("error", reject);
    input.once("error", reject);
  });
  failed.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const iterator = lines[Symbol.asyncIterator]();
  try {
    for (let number = 1; ; number++) {
      const next = await Promise.race([iterator.next(), failed]);
      if (next.done === true) return;
      const line = number === 1 ? next.value.replace(/^\uFEFF/, "") : next.value;
      if (line.trim() !== "") yield { line, number };
    }
  } finally {
    lines.close();
    bytes.destroy();
  }
}

/** Events as lines of JSON, one RudderStack body a line, in one file or a folder of files. */
export async function openJsonl(
  path: string,
  options: { users?: ReadonlySet<string> } = {},
): Promise<ReplaySource> {
  const files = await filesOf(path);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  let total = 0;
  for await (const entry of readAll(files, options.users)) {
    total = entry.index + 1;
  }
  return {
    kind: "jsonl",
    total,
    fingerprint: sizes.join("+"),
    events: () => readAll(files, options.users),
  };
}

async function* readAll(
  files: readonly string[],
  users: ReadonlySet<string> | undefined,
): AsyncIterable<ReplayEvent | Unreadable> {
  let index = 0;
  for (const file of files) {
    for await (const { line, number } of linesOf(file)) {
      const entry = readLine(line, index, `${basename(file)}:${number}`);
      if (users !== undefined && "person" in entry && !users.has(entry.person)) continue;
      index++;
      yield entry;
    }
  }
}

/** One line as an event; anything JSON that is an object is the service's to judge. */
export function readLine(line: string, index: number, where: string): ReplayEvent | Unreadable {
  let body: unknown;
  try {
    body = JSON.parse(line);
  } catch {
    return { index, reason: `${where}: not JSON` };
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { index, reason: `${where}: not a JSON object` };
  }
  return { index, body, bytes: Buffer.byteLength(line), person: personOf(body) };
}

function personOf(body: object): string {
  const event = body as Record<string, unknown>;
  for (const name of ["userId", "user_id", "anonymousId", "anonymous_id"]) {
    const id = event[name];
    if ((typeof id === "string" && id !== "") || typeof id === "number") return String(id);
  }
  return "";
}
