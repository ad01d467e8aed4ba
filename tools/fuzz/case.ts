import { headers } from "@signalpath/contracts";

import type { Packed } from "./bytes.ts";
import type { Target } from "./world.ts";

export const DOORS = ["ingest", "recommend", "content", "dead-letters", "erase"] as const;
export type DoorName = (typeof DOORS)[number];

/** One request to one door. */
export interface FuzzCase {
  door: DoorName;
  method: string;
  /** With its query, as it stands in the request line. */
  path: string;
  key: keyof Target["keys"];
  headers: Record<string, string>;
  body: Buffer | undefined;
}

/** A case without a body. */
export function bare(
  door: DoorName,
  method: string,
  path: string,
  key: FuzzCase["key"] = "api",
): FuzzCase {
  return { door, method, path, key, headers: {}, body: undefined };
}

/** A case whose body came out of the generators. */
export function withBody(rest: Omit<FuzzCase, "body">, packed: Packed): FuzzCase {
  return { ...rest, headers: { ...rest.headers, ...packed.headers }, body: packed.bytes };
}

export function requestOf(one: FuzzCase, keys: Target["keys"]): Request {
  const key = keys[one.key];
  const name = one.key === "write" ? headers.writeKey : headers.apiKey;
  const { method, body } = one;
  const given = { [name]: key, ...one.headers };
  const init: RequestInit = { method, headers: given };
  return new Request(`http://fuzz.test${one.path}`, {
    ...init,
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
}

/** A case as one line that `--case` takes. */
export function lineOf(one: FuzzCase): string {
  const plain = { ...one, body: one.body?.toString("base64") };
  return Buffer.from(JSON.stringify(plain)).toString("base64url");
}

/** @throws when the line is no case. */
export function caseOf(line: string): FuzzCase {
  const plain = JSON.parse(Buffer.from(line, "base64url").toString()) as Omit<FuzzCase, "body"> & {
    body?: string;
  };
  const { body, ...rest } = plain;
  return { ...rest, body: body === undefined ? undefined : Buffer.from(body, "base64") };
}

/** A case for people: request line, headers, the beginning of the body. */
export function textOf({ method, path, headers: given, body }: FuzzCase): string {
  const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}`);
  const shown =
    body === undefined ? [] : ["", JSON.stringify(body.toString("latin1").slice(0, 2_000))];
  return [`${method} ${path.slice(0, 500)}`, ...lines, ...shown].join("\n");
}
