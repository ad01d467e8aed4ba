import { createHash } from "node:crypto";

/**
 * Name-based UUID, version 5 (RFC 9562 section 5.5): the first 128 bits of SHA-1 over namespace and
 * name, with version and variant set.
 *
 * @param namespace a UUID in its usual form.
 */
export function uuidV5(name: string, namespace: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name, "utf8")
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [0, 8, 12, 16, 20]
    .map((from, i, starts) => hex.slice(from, starts[i + 1] ?? 32))
    .join("-");
}
