import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { ServiceError } from "@signalpath/contracts";
import type { KitHono } from "@signalpath/service-kit";

import { VISITORS } from "./simulator/visitors.ts";

const TYPES: Readonly<Record<string, string>> = {
  "demo.css": "text/css; charset=utf-8",
  "demo.js": "text/javascript; charset=utf-8",
};
/** Nothing from elsewhere, nothing inline. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/**
 * The page at `/demo`: a reading room over the browser SDK, to try the loop by hand.
 * @param publishableKey may send events and ask for lists, no more; the page tells it to everybody.
 */
export function bindDemoPage(app: KitHono, publishableKey: string): void {
  const files = new Map<string, Promise<string>>();
  const file = (name: string): Promise<string> => {
    const known = files.get(name) ?? readDemoFile(name);
    files.set(name, known);
    return known;
  };
  app.get("/demo", async (c) => c.html(await file("index.html"), 200, HEADERS));
  app.get("/demo/config.json", (c) =>
    c.json({
      key: publishableKey,
      visitors: VISITORS.map(({ userId, loves }) => ({
        user_id: userId,
        about: loves.join(" and "),
      })),
    }),
  );
  app.get("/demo/:file", async (c) => {
    const name = c.req.param("file");
    const type = TYPES[name];
    if (type === undefined) throw new ServiceError("NOT_FOUND", "no such path");
    return c.body(await file(name), 200, { ...HEADERS, "content-type": type });
  });
}

/** A bundle carries the files beside it in `demo/`; in the workspace the script is built when asked. */
async function readDemoFile(name: string): Promise<string> {
  if (!import.meta.url.endsWith("demo-page.ts")) {
    const here = dirname(fileURLToPath(import.meta.url));
    return readFile(join(here, "demo", name), "utf8");
  }
  if (name === "demo.js") {
    const { buildDemo } = await import("@signalpath/browser-sdk/build");
    return (await buildDemo()).text;
  }
  const sdk = dirname(createRequire(import.meta.url).resolve("@signalpath/browser-sdk/build"));
  return readFile(join(sdk, "demo", name), "utf8");
}
