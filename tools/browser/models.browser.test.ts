import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { expectAccessible } from "./accessibility.ts";
import { describeWithBrowser } from "./describe.ts";
import { signIn } from "./sign-in.ts";
import type { World } from "./world.ts";

interface Model {
  id: number;
  status: string;
  version: number | null;
  last_version: number;
}

/** A model of two versions: the first serves, the second is stored. */
async function trainTwice(world: World): Promise<Model> {
  const rows = Array.from({ length: 60 }, (_, user) =>
    Array.from({ length: 12 }, (__, n) => {
      const item = (user % 3) * 10 + ((n * 7 + user) % 10);
      return `u${user},i${item},${1_700_000_000 + n * 86_400 + user}`;
    }),
  ).flat();
  const upload = await fetch(`${world.url}/api/v1/training_data/?filename=reads.csv`, {
    method: "POST",
    headers: { "x-api-key": world.keys.api, "content-type": "text/csv" },
    body: ["user_id,item_id,timestamp", ...rows].join("\n"),
  });
  const { id: training_data } = (await upload.json()) as { id: number };
  const body = { project: 1, name: "reads", training_data, kind: "item-knn" };
  const made = (await world.api("POST", "/api/v1/trained_model/", body)) as Model;
  const path = `/api/v1/trained_model/${made.id}/`;
  const read = async () => (await world.api("GET", path)) as Model;
  await expect.poll(async () => (await read()).status, { timeout: 60_000 }).toBe("COMPLETED");
  await world.api("POST", `${path}retrain/`, { kind: "popular", promotion: "manual" });
  await expect.poll(async () => (await read()).last_version, { timeout: 60_000 }).toBe(2);
  await expect.poll(async () => (await read()).status, { timeout: 60_000 }).toBe("COMPLETED");
  return read();
}

async function openConsole(world: World, path: string, phone = false): Promise<Page> {
  const page = await world.open(path, { phone });
  await signIn(page, world.keys.api);
  return page;
}

describeWithBrowser("console: models", { demo: false }, (world) => {
  test("nothing yet: a command that works", async () => {
    const page = await openConsole(world, "/models");
    await page.getByText("No model yet").waitFor();
    await page.getByText("No slot yet").waitFor();
    await page.getByText("/api/v1/trained_model/").first().waitFor();
    await expectAccessible(page);
  });

  test("two versions are compared, one is promoted and rolled back, a slot gets a weight", async () => {
    const model = await trainTwice(world);
    expect(model.version).toBe(1);
    const page = await openConsole(world, "/models");
    await page.getByRole("button", { name: "New slot" }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByLabel("Name").fill("main");
    await dialog.getByLabel("Weight, 0 to 100").fill("40");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("img", { name: "Share of traffic: main 100%" }).waitFor();
    await page.getByRole("link", { name: "reads" }).click();
    await page.getByRole("heading", { name: "Compare two versions" }).waitFor();
    await page.getByRole("img", { name: /^NDCG@10 v2: / }).waitFor();
    await expectAccessible(page);
    const versions = page.getByRole("region", { name: "Versions", exact: true }).last();
    await versions.getByRole("button", { name: "Serve version 2" }).click();
    await page.getByText("Version 1 stays stored").waitFor();
    await dialog.getByRole("button", { name: "Serve version 2" }).click();
    await versions.getByRole("button", { name: "Roll back to 1" }).click();
    const now = (await world.api("GET", `/api/v1/trained_model/${model.id}/`)) as Model;
    expect(now.version).toBe(2);
    await dialog.getByRole("button", { name: "Roll back to 1" }).click();
    await versions.getByRole("button", { name: "Serve version 2" }).waitFor();
    await page.getByText("Log of the last run").click();
    await page.getByText("attempt 1 begins").waitFor();
  });

  test("a phone shows the page without scrolling sideways", async () => {
    const page = await openConsole(world, "/models", true);
    await page.getByRole("heading", { name: "Training runs" }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
  });
});
