import { ServiceError } from "@signalpath/contracts";
import type { KitContext } from "@signalpath/service-kit";

import type { Bundle } from "./bundle.ts";
import { securityHeaders } from "./security-headers.ts";
import type { WebFile } from "./web-files.ts";

/** Seconds after which a browser asks again while the files are being built. */
const ASK_AGAIN = "2";
const FOREVER = "public, max-age=31536000, immutable";

export interface PagesDeps {
  bundle: Pick<Bundle, "files" | "state">;
  /** What stands in for the console while its files are not there. */
  fallbackHtml: string;
}

/**
 * Answers a file of the console, and its one HTML page for every path that is none: which page a
 * path names is decided in the browser.
 */
export function createPages({ bundle, fallbackHtml }: PagesDeps): (c: KitContext) => Response {
  const strict = securityHeaders();
  const style = /<style>([\s\S]*?)<\/style>/.exec(fallbackHtml)?.[1];
  const fallback = securityHeaders(style);
  return (c) => {
    const files = bundle.files();
    if (files === undefined) {
      const refresh = bundle.state() === "building" ? { refresh: ASK_AGAIN } : {};
      return c.html(fallbackHtml, 200, { ...fallback, ...refresh, "cache-control": "no-store" });
    }
    const file = files.get(c.req.path);
    if (file !== undefined) return answer(c, file, { ...strict, "cache-control": FOREVER });
    const page = files.get("/index.html");
    // A file that is gone must not be answered by a page: the browser would run it as a script.
    if (page === undefined || c.req.path.startsWith("/assets/")) {
      throw new ServiceError("NOT_FOUND", "no such file");
    }
    return answer(c, page, { ...strict, "cache-control": "no-cache" });
  };
}

function answer(c: KitContext, file: WebFile, headers: Record<string, string>): Response {
  const takesGzip = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
  const packed = takesGzip ? file.packed : undefined;
  return c.body(packed ?? file.plain, 200, {
    ...headers,
    "content-type": file.type,
    vary: "accept-encoding",
    ...(packed !== undefined ? { "content-encoding": "gzip" } : {}),
  });
}
