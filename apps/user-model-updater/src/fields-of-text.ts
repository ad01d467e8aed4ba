import type { SignalEvent } from "@signalpath/domain";

/** What a dead letter is filed under. */
export type Fields = Pick<SignalEvent, "user_id" | "anonymous_id"> & {
  project_id?: number;
  event_id?: string;
};

type Wanted = keyof Fields;

const WANTED: ReadonlySet<string> = new Set<Wanted>([
  "project_id",
  "event_id",
  "user_id",
  "anonymous_id",
]);
const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Ids of an event's text, found by one pass over it: nothing is parsed or built, so the pass is
 * safe on a body that ends whoever parses it, and a body that is cut or broken still shows the ids
 * in front of the flaw. Only the outermost object's own members count, the last of a name, as
 * `JSON.parse` has it.
 */
export function fieldsOfText(text: string): Fields {
  const found = new Map<string, string>();
  let depth = 0;
  let name: string | undefined;
  let isValue = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '"') {
      const end = endOfString(text, at);
      if (end < 0) break;
      if (depth === 1 && isValue) keep(found, name, text.slice(at, end + 1));
      else if (depth === 1) name = nameOf(text.slice(at, end + 1));
      at = end;
    } else if (char === "{" || char === "[") {
      if (depth === 0 && char === "[") break;
      if (depth === 1) keep(found, name, undefined);
      depth++;
    } else if (char === "}" || char === "]") {
      if (--depth === 0) break;
    } else if (depth === 1 && char === ":") isValue = true;
    else if (depth === 1 && char === ",") isValue = false;
    else if (depth === 1 && isValue && !isSpace(char)) {
      const end = endOfToken(text, at);
      // Cut: of 12 the 1 may be left, another project's.
      if (end === text.length) break;
      keep(found, name, text.slice(at, end));
      at = end - 1;
    }
  }
  return typed(found);
}

function keep(found: Map<string, string>, name: string | undefined, value: string | undefined) {
  if (name === undefined) return;
  if (value === undefined) found.delete(name);
  else found.set(name, value);
}

/** Undefined for a name that nobody asks for, however it is written. */
function nameOf(token: string): string | undefined {
  const name = unquoted(token);
  return WANTED.has(name) ? name : undefined;
}

function typed(found: ReadonlyMap<string, string>): Fields {
  const text = (name: Wanted): string | undefined => {
    const token = found.get(name);
    return token?.startsWith('"') === true ? unquoted(token) : undefined;
  };
  const project = /^\d{1,10}$/.exec(found.get("project_id") ?? "")?.[0];
  const [eventId, userId, anonymousId] = [text("event_id"), text("user_id"), text("anonymous_id")];
  return {
    ...(isProjectId(Number(project)) ? { project_id: Number(project) } : {}),
    ...(eventId === undefined ? {} : { event_id: eventId }),
    ...(userId === undefined ? {} : { user_id: userId }),
    ...(anonymousId === undefined ? {} : { anonymous_id: anonymousId }),
  };
}

/** Postgres keeps a project id in 31 bits. */
export function isProjectId(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 2 ** 31;
}

function unquoted(token: string): string {
  return token
    .slice(1, -1)
    .replaceAll(/\\(?:u([\da-fA-F]{4})|(.))/gs, (_, hex: string | undefined, char: string) =>
      hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

/** Index of the quote that ends a string; -1 = the text ends first. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

/** Index behind a number or a literal. */
function endOfToken(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[\s,}\]"{[:]/.test(text[at] as string)) at++;
  return at;
}

function isSpace(char: string): boolean {
  return char === " " || char === "\n" || char === "\r" || char === "\t";
}
