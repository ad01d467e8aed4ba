import { expect, test } from "vitest";

import { expectAccessible } from "./accessibility.ts";
import { watchConsole } from "./console-errors.ts";
import { describeWithBrowser } from "./describe.ts";

describeWithBrowser("browser harness", { demo: false, console: false }, (world) => {
  test("a page of the standalone is opened and judged", async () => {
    const page = await world.open("/docs");
    await page.getByText("/api/recommend").first().waitFor();
    expect(await page.title()).toContain("Signalpath");
  });

  test("what is not accessible is found, under a strict content policy too", async () => {
    const page = await world.open("/livez");
    await page.route("**/poor", (route) =>
      route.fulfill({
        contentType: "text/html",
        headers: { "content-security-policy": "default-src 'self'; script-src 'self'" },
        body: `<!doctype html><html lang="en"><title>poor</title><main><h1>x</h1><button></button></main>`,
      }),
    );
    await page.goto(`${world.url}/poor`);
    await expect(expectAccessible(page)).rejects.toThrow(/button-name/);
    await expectAccessible(page, ["button"]);
  });

  test("errors on the console are seen, allowed ones are not", async () => {
    const page = await world.open("/livez", { allow: [/404/] });
    const seen = watchConsole(page, [/expected/]);
    await page.evaluate(async () => {
      console.error("expected trouble 404");
      console.error("404 real");
      await fetch("/api/nothing-here");
    });
    await expect.poll(seen, { timeout: 30_000 }).toHaveLength(2);
    expect(seen()[0]).toContain("404 real");
  });
});
