import { createHttpApp, createLogger, createMetrics } from "@signalpath/service-kit";
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";

import { bindDemoSignIn, createSignInCode, isLoopback } from "./demo-sign-in.ts";

function open(apiKey = "rctm_test") {
  const told: string[] = [];
  const code = createSignInCode((next) => told.push(next));
  const app = createHttpApp({
    service: "test",
    version: "test",
    kit: {
      logger: createLogger({ service: "test", level: "silent" }),
      metrics: createMetrics("test"),
      now: Date.now,
      newId: randomUUID,
    },
    probes: [],
    endpoints: [],
    state: () => "running",
  });
  bindDemoSignIn(app, { isOn: true, signIn: { code, apiKey } });
  const ask = (given: string, host = "127.0.0.1:4000") =>
    app.fetch(
      new Request(`http://${host}/demo/sign-in`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ code: given }),
      }),
    );
  return { told, code, app, ask };
}

test("a code opens once, with or without its dash, and the next one is told", async () => {
  const { told, code, ask } = open();
  const first = code.current() ?? "";
  expect(first).toMatch(/^\d{4}-\d{4}$/);
  const answer = await ask(` ${first.replace("-", "")} `);
  expect(await answer.json()).toEqual({ key: "rctm_test" });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(told).toEqual([code.current()]);
  expect((await ask(first)).status).toBe(401);
});

test("another name of this machine gets no key, and no code is spent", async () => {
  const { told, code, ask } = open();
  expect((await ask(code.current() ?? "", "evil.example:4000")).status).toBe(401);
  expect(told).toEqual([]);
  expect((await ask(code.current() ?? "", "localhost:4000")).status).toBe(200);
});

test("guessing ends it", async () => {
  const { code, app, ask } = open();
  const good = code.current() ?? "";
  const wrong = good === "0000-0000" ? "1111-1111" : "0000-0000";
  for (let tries = 0; tries < 20; tries++) expect((await ask(wrong)).status).toBe(401);
  expect((await ask(good)).status).toBe(401);
  const about = await app.fetch(new Request("http://127.0.0.1/demo/about.json"));
  expect(await about.json()).toMatchObject({ demo: true, sign_in_code: false });
});

test("only an address of this machine alone is loopback", () => {
  expect(["127.0.0.1", "::1", "localhost"].every(isLoopback)).toBe(true);
  expect(["0.0.0.0", "::", "10.0.0.1"].some(isLoopback)).toBe(false);
});
