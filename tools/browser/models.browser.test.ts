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

interface Named {
  name: string;
}

/** Sixty people of three tastes, as a file. */
function readsCsv(): string {
  const rows = Array.from({ length: 60 }, (_, user) =>
    Array.from({ length: 12 }, (__, n) => {
      const item = (user % 3) * 10 + ((n * 7 + user) % 10);
      return `u${user},i${item},${1_700_000_000 + n * 86_400 + user}`;
    }),
  ).flat();
  return ["user_id,item_id,timestamp", ...rows].join("\n");
}

/** A model of two versions: the first serves, the second is stored. */
async function trainTwice(world: World): Promise<Model> {
  const upload = await fetch(`${world.url}/api/v1/training_data/?filename=reads.csv`, {
    method: "POST",
    headers: { "x-api-key": world.keys.api, "content-type": "text/csv" },
    body: readsCsv(),
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
    await page.getByText("put there by training run").waitFor();
    await page.getByText(/hmac-sha256 by key .+; right/).waitFor();
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
    await page.getByText("rolled back by hand").waitFor();
    await page.getByText("Log of the last run").click();
    await page.getByText("attempt 1 begins").waitFor();
  });

  test("a shadow is compared behind the answers, then answers itself", async () => {
    const { results } = (await world.api("GET", "/api/v1/trained_model/")) as { results: Model[] };
    const model = results[0] ?? (await trainTwice(world));
    const main = { project: 1, name: "first", trained_model: model.id, weight: 100 };
    await world.api("POST", "/api/v1/deployment_slot/", main);
    const page = await openConsole(world, "/models");
    await page.getByRole("button", { name: "New slot" }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByLabel("Name").fill("candidate");
    await dialog.getByLabel("Whom it answers").selectOption("shadow");
    await dialog.getByLabel("Weight, 0 to 100").fill("100");
    await dialog.getByRole("button", { name: "Save" }).click();
    const shadows = page.getByRole("region", { name: "Shadows", exact: true }).last();
    await shadows.getByText("candidate", { exact: true }).waitFor();
    await expect
      .poll(
        async () => {
          await world.api("POST", "/inference/predict/project/1", { user_id: "u1", cutoff: 5 });
          return shadows.getByText("100.0%").count();
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toBeGreaterThan(0);
    await expectAccessible(page);
    await shadows.getByRole("button", { name: "Let candidate answer" }).click();
    await dialog.getByRole("button", { name: "Let candidate answer" }).click();
    await page.getByRole("img", { name: "Share of traffic: candidate 100%" }).waitFor();
    expect(await page.getByRole("button", { name: "Let candidate answer" }).count()).toBe(0);
  });

  test("a model is trained on a file by clicks alone, with a kind, tries and a promotion", async () => {
    const page = await openConsole(world, "/models");
    await page.getByRole("button", { name: "Train a model" }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByLabel("Name").fill("from a file");
    await dialog.getByLabel("Kind").selectOption("item-knn");
    await dialog.getByLabel("Fitted on").selectOption("file");
    await dialog.getByRole("button", { name: "Start training" }).click();
    await dialog.getByText("Choose a file first.").waitFor();
    const buffer = Buffer.from(readsCsv());
    const file = { name: "reads.csv", mimeType: "text/csv", buffer };
    await dialog.getByLabel("File: csv").setInputFiles(file);
    await dialog.getByLabel("Settings to try").fill("2");
    await dialog.getByLabel("When it serves").selectOption("always");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Start training" }).click();
    await page.getByRole("link", { name: "from a file" }).waitFor();
    const find = async () => {
      const path = "/api/v1/trained_model/?page_size=100";
      const { results } = (await world.api("GET", path)) as { results: (Model & Named)[] };
      return results.find(({ name }) => name === "from a file");
    };
    await expect
      .poll(find, { timeout: 120_000, interval: 1_000 })
      .toMatchObject({ status: "COMPLETED", version: 1 });
  });

  test("a phone shows the page without scrolling sideways", async () => {
    const page = await openConsole(world, "/models", true);
    await page.getByRole("heading", { name: "Training runs" }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
  });
});
