import { END_REASONS, EVENT_KINDS, REACTIONS } from "../events/types.ts";
import type { EndReason, Reaction } from "../events/types.ts";
import { SHIPPED_EVENT_MAP, type EventMap, type EventRule } from "./event-map.ts";
import { isObject, own, type JsonObject } from "./json.ts";

/** An event map ready for look-ups; every look-up folds the name it is given. */
export interface CompiledEventMap {
  version: number;
  rule(name: string): EventRule | undefined;
  reaction(word: string): Reaction | undefined;
  endReason(word: string): EndReason | undefined;
}

export interface EventMapIssue {
  /** Dotted path into the map. */
  path: string;
  message: string;
}

export type CompileResult =
  | { ok: true; map: CompiledEventMap }
  | { ok: false; issues: EventMapIssue[] };

const MAX_NAMES = 2_000;
const MAX_NAME_LENGTH = 200;

/** Case, spaces, `_` and `-` do not tell two event names apart. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, "");
}

/** Checks a map as a project gives it (any JSON) and makes it fast; all problems are named. */
export function compileEventMap(map: unknown): CompileResult {
  const issues: EventMapIssue[] = [];
  if (!isObject(map)) return { ok: false, issues: [{ path: "", message: "must be an object" }] };
  refuseUnknown(map, ["version", "events", "reactions", "end_reasons"], "", issues);
  const version = own(map, "version");
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) {
    issues.push({ path: "version", message: "must be a whole number, at least 1" });
  }
  const rules = table(own(map, "events"), "events", issues, readRule);
  const reactions = synonyms(own(map, "reactions"), "reactions", REACTIONS, issues);
  const endReasons = synonyms(own(map, "end_reasons"), "end_reasons", END_REASONS, issues);
  if (issues.length > 0) return { ok: false, issues };
  const compiled: CompiledEventMap = {
    version: version as number,
    rule: (name) => rules.get(foldName(name)),
    reaction: (word) => reactions.get(foldName(word)),
    endReason: (word) => endReasons.get(foldName(word)),
  };
  return { ok: true, map: compiled };
}

/** The shipped map, compiled anew: it holds no state, so one a process is enough. */
export function compileShippedEventMap(): CompiledEventMap {
  const result = compileEventMap(SHIPPED_EVENT_MAP satisfies EventMap);
  if (!result.ok) throw new Error(`the shipped event map is broken: ${JSON.stringify(result)}`);
  return result.map;
}

function readRule(value: unknown, path: string, issues: EventMapIssue[]): EventRule | undefined {
  if (!isObject(value)) {
    issues.push({ path, message: "must be an object" });
    return undefined;
  }
  refuseUnknown(value, ["kind", "reaction", "end_reason"], path, issues);
  const kind = oneOf(own(value, "kind"), EVENT_KINDS, `${path}.kind`, issues);
  const reaction = optional(own(value, "reaction"), REACTIONS, `${path}.reaction`, issues);
  const endReason = optional(own(value, "end_reason"), END_REASONS, `${path}.end_reason`, issues);
  if (kind === undefined) return undefined;
  if (reaction !== undefined && kind !== "feedback") {
    issues.push({ path: `${path}.reaction`, message: "only feedback has a reaction" });
  }
  if (endReason !== undefined && kind !== "viewed") {
    issues.push({ path: `${path}.end_reason`, message: "only a view ends" });
  }
  return {
    kind,
    ...(reaction === undefined ? {} : { reaction }),
    ...(endReason === undefined ? {} : { end_reason: endReason }),
  };
}

/** Reads `{name: value}` under folded names; two names that fold to one must mean the same. */
function table<T>(
  value: unknown,
  path: string,
  issues: EventMapIssue[],
  read: (member: unknown, path: string, issues: EventMapIssue[]) => T | undefined,
): Map<string, T> {
  const found = new Map<string, T>();
  if (!isObject(value)) {
    issues.push({ path, message: "must be an object" });
    return found;
  }
  const names = Object.keys(value);
  if (names.length > MAX_NAMES) {
    issues.push({ path, message: `has more than ${MAX_NAMES} names` });
    return found;
  }
  for (const name of names) {
    const at = `${path}.${name.slice(0, MAX_NAME_LENGTH)}`;
    const folded = foldName(name);
    if (folded === "" || name.length > MAX_NAME_LENGTH) {
      issues.push({ path: at, message: `a name has 1 to ${MAX_NAME_LENGTH} characters` });
      continue;
    }
    const member = read(value[name], at, issues);
    if (member === undefined) continue;
    const earlier = found.get(folded);
    if (earlier !== undefined && JSON.stringify(earlier) !== JSON.stringify(member)) {
      issues.push({ path: at, message: "contradicts another name that differs only in form" });
    }
    found.set(folded, member);
  }
  return found;
}

function synonyms<T extends string>(
  value: unknown,
  path: "reactions" | "end_reasons",
  allowed: readonly T[],
  issues: EventMapIssue[],
): Map<string, T> {
  const source = value === undefined ? SHIPPED_EVENT_MAP[path] : value;
  const words = table(source, path, issues, (member, at) => oneOf(member, allowed, at, issues));
  for (const word of allowed) words.set(foldName(word), word);
  return words;
}

function oneOf<T extends string>(
  value: unknown,
  allowed: readonly T[],
  path: string,
  issues: EventMapIssue[],
): T | undefined {
  const found = allowed.find((word) => word === value);
  if (found === undefined) issues.push({ path, message: `must be one of ${allowed.join(", ")}` });
  return found;
}

function optional<T extends string>(
  value: unknown,
  allowed: readonly T[],
  path: string,
  issues: EventMapIssue[],
): T | undefined {
  return value === undefined ? undefined : oneOf(value, allowed, path, issues);
}

function refuseUnknown(
  object: JsonObject,
  known: readonly string[],
  path: string,
  issues: EventMapIssue[],
): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    const at = path === "" ? key : `${path}.${key}`;
    issues.push({ path: at.slice(0, 2 * MAX_NAME_LENGTH), message: "unknown field" });
  }
}
