import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";

import type { Context } from "hono";

/**
 * Who a request's connection comes from, as limits count them: an IPv4 address, or the /64 of an
 * IPv6 one, since a single host owns all of it. Undefined inside a process. Headers that name
 * somebody else are not believed: anybody can write them.
 */
export function addressOf(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  const address = incoming?.socket.remoteAddress;
  return address === undefined ? undefined : networkOf(address);
}

export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("%", 1)[0]?.split("::") ?? [];
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
