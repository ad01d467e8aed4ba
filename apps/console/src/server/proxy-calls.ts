import { ownerOf, ServiceError, type Owner } from "@signalpath/contracts";
import type { KitContext } from "@signalpath/service-kit";
import { proxy } from "hono/proxy";

/** Where each app answers, as `http://ingest:4001`. */
export type Upstreams = Readonly<Record<Owner, string>>;

/**
 * Hands a call to the app that answers it, with its key, body and stream as they are.
 * @throws ServiceError NOT_FOUND for a call that no app answers, UPSTREAM_UNAVAILABLE when the app
 * cannot be reached.
 */
export function createProxyCalls(upstreams: Upstreams): (c: KitContext) => Promise<Response> {
  return async (c) => {
    const { pathname, search } = new URL(c.req.url);
    const owner = ownerOf(c.req.method, pathname);
    if (owner === undefined) throw new ServiceError("NOT_FOUND", "no such path");
    try {
      // Redirects are the caller's: following one would carry the key elsewhere.
      return await proxy(`${upstreams[owner]}${pathname}${search}`, {
        raw: c.req.raw,
        redirect: "manual",
        signal: c.req.raw.signal,
      });
    } catch (cause) {
      throw new ServiceError("UPSTREAM_UNAVAILABLE", `${owner} does not answer`, { cause });
    }
  };
}
