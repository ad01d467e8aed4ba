import { words } from "./strings.ts";

/** Items of a request of the import. */
export const CHUNK = 500;

/**
 * Items of a file: a JSON array, `{"items": [...]}`, or one object a line. What an item must look
 * like is the server's to judge.
 * @throws Error naming the line that is no object, or that there is none.
 */
export function readItems(text: string): object[] {
  const whole = parsed(text);
  if (Array.isArray(whole)) return checked(whole);
  if (isObject(whole) && "items" in whole && Array.isArray(whole.items)) {
    return checked(whole.items);
  }
  const lines = text.split("\n").map((line) => line.trim());
  return checked(lines.flatMap((line) => (line === "" ? [] : [parsed(line)])));
}

function checked(items: readonly unknown[]): object[] {
  if (items.length === 0) throw new Error(words.noItems);
  return items.map((item, at) => {
    if (!isObject(item)) throw new Error(words.badLine(at + 1));
    return item;
  });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** undefined = no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // The caller names the line.
  }
}
