import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { buildSdk } from "@signalpath/browser-sdk/build";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { expectAccessible } from "./accessibility.ts";
import { describeWithBrowser } from "./describe.ts";
import type { World } from "./world.ts";

interface History {
  events: { kind: string; item_id: string; request_id: string | null; reaction: string | null }[];
}

/** What the test uses of the client; its own types need a page's. */
interface SdkClient {
  recommend(options: object): Promise<{ items: object[] }>;
  observe(element: object, item: object): void;
  view(item: object): void;
  stats(): { queued: number };
  ids(): { anonymousId: string };
}

async function historyOf(world: World, userId: string): Promise<History["events"]> {
  const path = `/api/usermodel/history?user_id=${userId}&limit=100`;
  return ((await world.api("GET", path)) as History).events;
}

const visitorOf = (page: Page, name = "signalpath") =>
  page.evaluate((key) => localStorage.getItem(key) ?? "", `${name}:anonymous-id`);

describeWithBrowser("demo page", { demo: true, console: false }, (world) => {
  test("a like changes the list, says why, and is stored with the request it came from", async () => {
    const page = await world.open("/demo");
    await page.getByText("You are new here").waitFor();
    const cards = page.getByRole("list").locator("[data-item]");
    const before = await cards.evaluateAll((all) =>
      all.map((card) => card.getAttribute("data-item")),
    );
    expect(before).toHaveLength(8);
    const likes = page.getByRole("button", { name: /^Like:/ });
    await likes.first().click();
    await page.getByText(/another list after \d+ ms/).waitFor();
    await page.getByText("Made for you.").waitFor();
    const after = await cards.evaluateAll((all) =>
      all.map((card) => card.getAttribute("data-item")),
    );
    expect(after).not.toContain(before[0]);
    const why = page.getByRole("list", { name: "Why this is here" }).first();
    await why.getByRole("listitem").first().waitFor();
    const visitor = await visitorOf(page);
    await expect
      .poll(async () => (await historyOf(world, visitor)).filter(({ kind }) => kind === "served"))
      .not.toHaveLength(0);
    const events = await historyOf(world, visitor);
    const liked = events.find(({ reaction }) => reaction === "like");
    expect(liked).toMatchObject({ item_id: before[0] });
    expect(liked?.request_id).toMatch(/^[\da-f-]{36}$/);
    await expectAccessible(page);
  });

  test("reading counts what was read, by keyboard alone", async () => {
    const page = await world.open("/demo");
    const open = page.getByRole("button", { name: /^Open:/ }).first();
    await open.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Read to the end" }).press("Enter");
    await page.getByText(/^You read “.+: (?:another list|stored)/).waitFor();
    const visitor = await visitorOf(page);
    const events = await historyOf(world, visitor);
    expect(events.map(({ kind, reaction }) => reaction ?? kind)).toEqual(
      expect.arrayContaining(["viewed", "done"]),
    );
  });

  test("a visitor picked from the list has their own reasons; without consent nothing is kept", async () => {
    const page = await world.open("/demo", { phone: true });
    await page.getByLabel("You are").selectOption("mara");
    await page.getByText("Made for you.").waitFor();
    await page.getByLabel("Learn from what I do").uncheck();
    expect(await visitorOf(page, "signalpath-as-mara")).toBe("");
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
    await expectAccessible(page);
  });

  test("without network the page keeps what was done, and sends it later", async () => {
    const page = await world.open("/demo", { allow: [/ERR_INTERNET_DISCONNECTED/] });
    await page.getByText("You are new here").waitFor();
    await page.context().setOffline(true);
    await page
      .getByRole("button", { name: /^Like:/ })
      .first()
      .click();
    await page.getByRole("alert").getByText("is kept and sent later").waitFor();
    const visitor = await visitorOf(page);
    await page.context().setOffline(false);
    await page.reload();
    await expect
      .poll(async () => (await historyOf(world, visitor)).map(({ reaction }) => reaction))
      .toContain("like");
  });
});

/** Address of a shop that is another origin; known before the standalone starts. */
const shop = { server: undefined as Server | undefined, url: "" };

describeWithBrowser(
  "SDK on another origin",
  { demo: true, console: false, env: { CORS_ORIGINS: "*" } },
  (world) => {
    let key = "";
    beforeAll(async () => {
      const [, iife] = await buildSdk();
      shop.server = createServer((request, response) => {
        const isScript = request.url === "/signalpath.js";
        response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
        response.end(
          isScript
            ? iife?.text
            : `<!doctype html><html lang="en"><title>shop</title><link rel="icon" href="data:,"><script src="/signalpath.js"></script><div id="card" style="height:200px">card</div>`,
        );
      });
      await new Promise<void>((resolve) => shop.server?.listen(0, "127.0.0.1", resolve));
      shop.url = `http://127.0.0.1:${(shop.server.address() as AddressInfo).port}`;
      const body = { project: 1, name: "shop", scopes: ["recommend", "ingest"] };
      const made = await world.api("POST", "/api/v1/api_keys/", body, world.keys.admin);
      ({ key } = made as { key: string });
    });
    afterAll(async () => {
      await new Promise((resolve) => shop.server?.close(resolve));
    });

    test("lists, impressions and what happens while leaving arrive; the key opens nothing else", async () => {
      const page = await world.open("/livez");
      await page.goto(shop.url);
      const visitor = await page.evaluate(
        async ([endpoint, publishable]) => {
          const { Signalpath } = globalThis as unknown as {
            Signalpath: { createSignalpath(options: object): SdkClient };
          };
          const signals = Signalpath.createSignalpath({
            endpoint: endpoint as string,
            key: publishable as string,
            seen: { ms: 50 },
            flushAfterMs: 600_000,
          });
          const list = await signals.recommend({ limit: 3 });
          const [first, second] = list.items;
          if (first === undefined || second === undefined) throw new Error("no list");
          const card = document.getElementById("card");
          if (card === null) throw new Error("no card");
          signals.observe(card, first);
          signals.view(second);
          while (signals.stats().queued < 2)
            await new Promise((resolve) => setTimeout(resolve, 20));
          return signals.ids().anonymousId;
        },
        [world.url, key],
      );
      await page.goto("about:blank");
      await expect
        .poll(async () => (await historyOf(world, visitor)).map(({ kind }) => kind).sort())
        .toEqual(["served", "viewed", "viewed"]);
      await expect(world.api("GET", "/api/usermodel?user_id=mara", undefined, key)).rejects.toThrow(
        "SCOPE_MISSING",
      );
      await expect(world.api("PUT", "/api/content", { items: [] }, key)).rejects.toThrow("403");
    });
  },
);
