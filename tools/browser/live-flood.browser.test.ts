import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { describeWithBrowser } from "./describe.ts";
import { signIn } from "./sign-in.ts";

const PER_SECOND = 10_000;
const TICK_MS = 50;

/** Speaks the contract of `/api/live`, 10,000 verdicts a second, more than that in the totals. */
function floodServer(): Server {
  return createServer((_request, response) => {
    response.setHeader("content-type", "text/event-stream");
    const send = (name: string, data: object) =>
      void response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    send("hello", { project_id: 1, resumed: false });
    let sent = 0;
    let told = 0;
    const timer = setInterval(() => {
      const received_at = new Date().toISOString();
      for (let at = 0; at < (PER_SECOND * TICK_MS) / 1_000; at++) {
        const rest = { subject: "signals.content.viewed", user: "u".repeat(22), age_ms: 3 };
        send("verdict", { verdict: "accepted", item_id: `item-${sent++}`, received_at, ...rest });
      }
      if (sent - told < PER_SECOND) return;
      send("second", {
        at: received_at,
        totals: {
          accepted: 2 * (sent - told),
          duplicate: 0,
          ignored: 0,
          expired: 0,
          dead_lettered: 0,
        },
        told: sent - told,
        freshness: { bounds_ms: [100], counts: [1, 0] },
        lag: [],
        degraded: [],
      });
      told = sent;
    }, TICK_MS);
    response.on("close", () => clearInterval(timer));
  });
}

describeWithBrowser("console: 10,000 events a second", { demo: false }, (world) => {
  const server = floodServer();
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test("the Live page says that it is a sample, and hears clicks", async () => {
    const page = await world.open("/live");
    const { port } = server.address() as AddressInfo;
    await page.route("**/api/live", (route) =>
      route.continue({ url: `http://127.0.0.1:${port}/api/live` }),
    );
    await page.evaluate(() => {
      const long: number[] = [];
      Object.assign(globalThis, { longTasks: long });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) long.push(duration);
      }).observe({ type: "longtask" });
    });
    await signIn(page, world.keys.api);
    await page.getByText(/Too many to show each: [\d,]+ of [\d,]+ events/).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused: counts go on, the rows stay.").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByLabel("Item, user, subject or code").fill("item-9");
    await page
      .getByRole("cell", { name: /^item-9/ })
      .first()
      .waitFor();
    const long = await page.evaluate(
      () => (globalThis as unknown as { longTasks: number[] }).longTasks,
    );
    const paint = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    );
    console.log(
      `live flood: ${long.length} long tasks, longest ${Math.round(Math.max(0, ...long))} ms; first paint ${Math.round(paint ?? 0)} ms`,
    );
    expect(page.url()).toContain("/live");
  });
});
