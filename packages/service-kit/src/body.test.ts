import { Readable } from "node:stream";

import { Hono } from "hono";
import { expect, test } from "vitest";

import { readBody } from "./body.ts";

test.each(["identity", "gzip"])(
  "a %s body whose sender left before it was read ends the reading",
  async (encoding) => {
    const app = new Hono();
    app.post("/", async (c) => c.json(await readBody(c).catch((error: unknown) => error)));
    const incoming = new Readable({ read() {} }).destroy();
    await new Promise((resolve) => incoming.once("close", resolve));
    const headers = { "content-encoding": encoding };
    const response = await app.request("/", { method: "POST", headers }, { incoming });
    expect(await response.json()).toMatchObject({ code: "MALFORMED_JSON" });
  },
);
