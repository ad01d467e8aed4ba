import { MAX_DEPTH, ServiceError } from "@signalpath/contracts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Bytes as text: invalid UTF-8 is refused, a byte order mark is dropped.
 * @throws ServiceError MALFORMED_JSON.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ServiceError("MALFORMED_JSON", "the body is not valid UTF-8", { cause });
  }
}

/** @throws ServiceError MALFORMED_JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ServiceError("MALFORMED_JSON", "the body is not valid JSON", { cause });
  }
}

/**
 * Refuses what could pollute a prototype or exhaust a recursive reader: keys `__proto__` and
 * `constructor`, nesting deeper than `maxDepth`. Walks without recursion.
 * @throws ServiceError UNSAFE_BODY.
 */
export function refuseUnsafe(value: unknown, maxDepth = MAX_DEPTH): void {
  const stack: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (typeof top.value !== "object" || top.value === null) continue;
    if (top.depth >= maxDepth) {
      throw new ServiceError("UNSAFE_BODY", `nested deeper than ${maxDepth}`);
    }
    for (const key of Object.keys(top.value)) {
      if (key === "__proto__" || key === "constructor") {
        throw new ServiceError("UNSAFE_BODY", "the key __proto__ or constructor is not allowed");
      }
      stack.push({ value: (top.value as Record<string, unknown>)[key], depth: top.depth + 1 });
    }
  }
}
