import { ServiceError, type Endpoint } from "@signalpath/contracts";
import type { z } from "zod";

/** Longest part of a foreign name that an answer repeats. */
const MAX_SHOWN = 100;
/** Callers of these follow contracts of others, who may send what they like. */
const TOLERANT: ReadonlySet<Endpoint["auth"]> = new Set(["none", "write_key", "predict"]);

/** Names of query parameters a call takes; undefined = whatever is sent. */
export type QueryNames = (method: string, route: string) => ReadonlySet<string> | undefined;

/** What each of these calls takes, found by method and the router's form of its path. */
export function createQueryNames(endpoints: readonly Endpoint[]): QueryNames {
  const known = new Map<string, ReadonlySet<string>>();
  for (const { method, path, auth, query, anyProject } of endpoints) {
    if (TOLERANT.has(auth)) continue;
    const names = Object.keys((query as z.ZodObject | undefined)?.shape ?? {});
    const all = new Set(anyProject === true ? [...names, "project"] : names);
    known.set(placeOf(method, path.replaceAll(/\{(\w+)\}/g, ":$1")), all);
  }
  return (method, route) => known.get(placeOf(method === "HEAD" ? "GET" : method, route));
}

function placeOf(method: string, route: string): string {
  return `${method.toUpperCase()} ${route.replace(/\/$/, "")}`;
}

/**
 * A misspelt parameter would be taken for its default without a word.
 * @throws ServiceError VALIDATION_FAILED, with one issue a name that the call does not take.
 */
export function refuseUnknownQuery(url: string, names: ReadonlySet<string>): void {
  const start = url.indexOf("?");
  if (start < 0) return;
  const given = new Set(new URLSearchParams(url.slice(start)).keys());
  const unknown = [...given].filter((name) => !names.has(name));
  if (unknown.length === 0) return;
  throw new ServiceError("VALIDATION_FAILED", "the request is not valid", {
    issues: unknown.map((name) => ({
      path: name.slice(0, MAX_SHOWN).toWellFormed(),
      message: "unknown query parameter",
    })),
  });
}
