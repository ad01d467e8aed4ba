import { MAX_DEAD_LETTER_BYTES, type IngestResponse } from "@signalpath/contracts";
import { APP } from "@signalpath/ingest-webhook/app";
import { sha256 } from "@signalpath/service-kit";

import type { Answer } from "./answer.ts";
import type { FuzzCase } from "./case.ts";
import type { Target } from "./world.ts";

const COUNTERS = {
  accepted: "accepted",
  duplicate: "duplicates",
  ignored: "ignored",
  expired: "expired",
  dead_lettered: "dead_lettered",
} as const satisfies Record<string, keyof IngestResponse>;
/** Ids looked up for one answer, at most: lists of thousands repeat themselves. */
const LOOKED_UP = 200;

/** What an answer of ingest acknowledged and does not keep, or miscounts. */
export async function flawsOfIngest(
  target: Target,
  one: FuzzCase,
  answer: Answer,
): Promise<string[]> {
  if (answer.status === 400) return flawsOfMalformed(target, one, answer);
  if (answer.status !== 200) return [];
  const body = answer.json as IngestResponse;
  const flaws: string[] = [];
  const sent = itemsIn(one);
  if (sent !== undefined && sent !== body.results.length) {
    flaws.push(`${sent} items sent, ${body.results.length} verdicts`);
  }
  if (body.received !== body.results.length) flaws.push("received is not the number of verdicts");
  for (const [verdict, counter] of Object.entries(COUNTERS)) {
    const count = body.results.filter((result) => result.verdict === verdict).length;
    if (body[counter] !== count) flaws.push(`${counter} is ${body[counter]}, not ${count}`);
  }
  flaws.push(...(await missingEvents(target, body)), ...(await missingLetters(target, body)));
  return flaws;
}

/** Items of a body as any reader of JSON counts them; undefined when that takes an own judgement. */
function itemsIn({ body, headers }: FuzzCase): number | undefined {
  if (body === undefined || headers["content-encoding"] !== undefined) return undefined;
  const text = body.toString("utf8").replace(/^\ufeff/, "");
  try {
    const value = JSON.parse(text) as unknown;
    if (Array.isArray(value)) return value.length;
    const batch = (value as { batch?: unknown } | null)?.batch;
    return Array.isArray(batch) ? batch.length : 1;
  } catch {
    return undefined; // Answered 400, or invalid UTF-8 that this reader forgives.
  }
}

async function missingEvents(target: Target, body: IngestResponse): Promise<string[]> {
  const kept = body.results.filter(
    ({ verdict }) => verdict === "accepted" || verdict === "duplicate",
  );
  const ids = [...new Set(kept.map(({ message_id: id }) => id ?? ""))].slice(0, LOOKED_UP);
  // A fan-out is stored under the ids of its parts.
  const forms = (id: string): string[] => [id, `${id}#0`, `${sha256(id)}#0`];
  const found = await target.archived(ids.flatMap(forms));
  return ids
    .filter((id) => !forms(id).some((form) => found.has(form)))
    .map((id) => `acknowledged and not archived: ${JSON.stringify(id)}`);
}

async function missingLetters(target: Target, body: IngestResponse): Promise<string[]> {
  const flaws: string[] = [];
  const refused = body.results.filter(({ verdict }) => verdict === "dead_lettered");
  const named = new Set<string>();
  for (const { message_id: id, code } of refused) {
    if (code === undefined) flaws.push("dead_lettered without a code");
    else if (id === null) named.add(`${code} `);
    else named.add(`${code} ${id}`);
  }
  for (const name of [...named].slice(0, LOOKED_UP)) {
    const at = name.indexOf(" ");
    const [code, id] = [name.slice(0, at), name.slice(at + 1)];
    const isThere =
      id === ""
        ? (await target.letters(code)).length > 0
        : await target.hasLetter({ app: APP, code, eventId: id });
    if (!isThere) flaws.push(`dead-lettered and not kept: ${name}`);
  }
  return flaws;
}

/** What nothing could be read from is put aside as it came, before the refusal is answered. */
async function flawsOfMalformed(
  target: Target,
  { body = Buffer.alloc(0), headers }: FuzzCase,
  { json }: Answer,
): Promise<string[]> {
  const { code } = json as { code: string };
  if (code !== "MALFORMED_JSON") return [];
  const letters = await target.letters(code);
  if (headers["content-encoding"] !== undefined) {
    return letters.length > 0 ? [] : ["a packed body was refused and not put aside"];
  }
  const text = new TextDecoder()
    .decode(body.subarray(0, MAX_DEAD_LETTER_BYTES))
    .replaceAll("\0", "");
  const isThere = letters.some(
    (letter) => letter.body === text || (letter.truncated && text.startsWith(letter.body)),
  );
  return isThere ? [] : ["a malformed body was refused and not put aside"];
}
