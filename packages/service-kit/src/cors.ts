import { headers } from "@signalpath/contracts";
import { cors } from "hono/cors";
import { z } from "zod";

import type { KitHono } from "./http-app.ts";

/** A preflight's answer is kept this long by browsers, seconds; two hours is Chromium's most. */
const MAX_AGE_S = 7_200;

/** `CORS_ORIGINS`: origins of web pages, comma separated, or `*`; unset = none. */
export const corsOriginsEnv = z
  .string()
  .transform((text) => text.split(",").map((origin) => origin.trim()))
  .refine((origins) => origins.every(isOrigin), "not of the form https://shop.example.com,...")
  .default([]);

function isOrigin(text: string): boolean {
  return text === "*" || (URL.canParse(text) && new URL(text).origin === text);
}

/**
 * Lets web pages of these origins call the paths, also their failures be read. Keys travel in a
 * header, never in a cookie, so credentials are not allowed. To be bound before the paths' routes.
 */
export function allowOrigins(
  app: KitHono,
  origins: readonly string[],
  paths: readonly string[],
): void {
  // Pages of the service's own origin need none of it.
  if (origins.length === 0) return;
  const answer = cors({
    origin: origins.includes("*") ? "*" : [...origins],
    allowMethods: ["GET", "POST"],
    allowHeaders: [headers.apiKey, headers.writeKey, headers.requestId, "content-type"],
    exposeHeaders: [headers.requestId, headers.retryAfter],
    maxAge: MAX_AGE_S,
  });
  for (const path of paths) app.use(path, answer);
}
