import { MAX_ID_LENGTH } from "@signalpath/contracts";
import type { TrainingRow } from "@signalpath/ports";

import type { Meaning } from "./columns.ts";

/** One row as the file has it: text, or what JSON had; undefined = the file has no such column. */
export type RawRow = Partial<Record<Meaning, unknown>>;

export type Judged = { row: TrainingRow } | { problem: string; at: Meaning };

/** Below this a number is seconds since 1970 (until the year 5138), from it on milliseconds. */
const SECONDS_BELOW = 1e11;
const LATEST_MS = Date.UTC(2100, 0, 1);
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;

/** A row of the file as one interaction, or what is wrong with it. */
export function judgeRow(raw: RawRow): Judged {
  const user = readId(raw.user_id);
  if ("problem" in user) return { ...user, at: "user_id" };
  const item = readId(raw.item_id);
  if ("problem" in item) return { ...item, at: "item_id" };
  const row: TrainingRow = { user_id: user.value, item_id: item.value, weight: 1 };
  if ("weight" in raw) {
    const weight = readNumber(raw.weight);
    if (weight === undefined || !(Math.fround(weight) > 0)) {
      return { problem: "not a number above 0", at: "weight" };
    }
    row.weight = weight;
  }
  if ("timestamp" in raw) {
    const time = readTime(raw.timestamp);
    if (time === undefined) {
      const problem = "not a time: ISO 8601, or seconds or milliseconds from 1970 to 2099";
      return { problem, at: "timestamp" };
    }
    row.time = time;
  }
  return { row };
}

function readId(value: unknown): { value: string } | { problem: string } {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return { problem: "a number that JSON readers round: send it as text" };
  }
  const text = typeof value === "number" ? String(value) : value;
  if (text === undefined || text === null) return { problem: "missing" };
  if (typeof text !== "string") return { problem: "neither text nor a number" };
  const id = text.trim();
  if (id === "") return { problem: "empty" };
  if (id.length > MAX_ID_LENGTH) return { problem: `longer than ${MAX_ID_LENGTH} characters` };
  if (id.includes("\0") || !id.isWellFormed()) return { problem: "not Unicode text" };
  return { value: id };
}

/** A finite number that a 32-bit float can hold, which is what models count in. */
function readNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(Math.fround(number))) return undefined;
  return number;
}

/** Milliseconds since 1970; a text without a zone is UTC. */
function readTime(value: unknown): number | undefined {
  const number = readNumber(value);
  const ms =
    number === undefined ? readIso(value) : number < SECONDS_BELOW ? number * 1_000 : number;
  return ms !== undefined && ms >= 0 && ms < LATEST_MS ? Math.round(ms) : undefined;
}

function readIso(value: unknown): number | undefined {
  const match = typeof value === "string" ? ISO.exec(value.trim()) : null;
  if (match === null) return undefined;
  const [, day, clock = "00:00", zone = "Z"] = match;
  // Date.parse takes 30 February for 1 March.
  const midnight = new Date(`${day}T00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(`${day}T`)) return;
  const ms = Date.parse(`${day}T${clock}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : ms;
}
