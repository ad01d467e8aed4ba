/**
 * A parsed JSON value as JSON text. Works at any depth: `JSON.stringify` overflows the stack at
 * some thousands of levels, which is just what a hostile event has.
 */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return writeDeep(value);
  }
}

/** Something yet to be written: finished text, or a value. */
type Pending = { text: string } | { value: unknown };

function writeDeep(root: unknown): string {
  const written: string[] = [];
  const stack: Pending[] = [{ value: root }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if ("text" in top) written.push(top.text);
    else if (typeof top.value !== "object" || top.value === null) {
      written.push(JSON.stringify(top.value) ?? "null");
    } else stack.push(...partsOf(top.value).toReversed());
  }
  return written.join("");
}

function partsOf(value: object): Pending[] {
  const isArray = Array.isArray(value);
  const parts: Pending[] = [{ text: isArray ? "[" : "{" }];
  for (const [index, [key, member]] of Object.entries(value).entries()) {
    const comma = index === 0 ? "" : ",";
    parts.push({ text: isArray ? comma : `${comma}${JSON.stringify(key)}:` }, { value: member });
  }
  parts.push({ text: isArray ? "]" : "}" });
  return parts;
}

/** Text cut to `maxBytes` of UTF-8, never inside a character. */
export function cutBytes(text: string, maxBytes: number): { text: string; truncated: boolean } {
  // A UTF-16 unit is at most 3 bytes.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) {
    return { text, truncated: false };
  }
  const bytes = Buffer.from(text.slice(0, maxBytes), "utf8");
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return { text: bytes.toString("utf8", 0, end), truncated: true };
}
