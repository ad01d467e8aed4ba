import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { expectAccessible } from "./accessibility.ts";
import { describeWithBrowser } from "./describe.ts";
import { signIn } from "./sign-in.ts";
import type { World } from "./world.ts";

interface Experiment {
  id: string;
  status: string;
}

async function openConsole(world: World, path: string, phone = false): Promise<Page> {
  const page = await world.open(path, { phone });
  await signIn(page, world.keys.api);
  return page;
}

/** Exposes people in two arms over three days; `clicks` of each hundred convert. */
async function expose(
  world: World,
  id: string,
  arms: readonly { users: number; clicks: number }[],
) {
  const at = (day: number, minute: number) =>
    new Date(Date.now() - (day * 24 + 2) * 3_600_000 + minute * 60_000).toISOString();
  for (const [variation_index, { users, clicks }] of arms.entries()) {
    const people = Array.from({ length: users }, (_, n) => ({
      user_id: `v${variation_index}-${n}`,
      n,
    }));
    const exposures = people.map(({ user_id, n }) => ({
      user_id,
      variation_index,
      occurred_at: at(n % 3, 0),
    }));
    const conversions = people
      .filter(({ n }) => n % 100 < clicks)
      .map(({ user_id, n }) => ({
        user_id,
        metric: "click",
        idempotency_key: user_id,
        occurred_at: at(n % 3, 10),
      }));
    await world.api("POST", `/api/v1/experiments/${id}/exposures`, { exposures });
    await world.api("POST", `/api/v1/experiments/${id}/conversions`, { conversions });
  }
}

const halves = [
  { index: 0, name: "control", weight: 0.5 },
  { index: 1, name: "new", weight: 0.5 },
];

describeWithBrowser("console: experiments", { demo: false }, (world) => {
  test("created, started, read and stopped by clicks alone", async () => {
    const page = await openConsole(world, "/experiments");
    await page.getByText("No experiment yet").waitFor();
    await page.getByRole("button", { name: "New experiment" }).click();
    const dialog = page.getByRole("alertdialog");
    await expectAccessible(page);
    await dialog.getByLabel("Name", { exact: true }).fill("Order of tips");
    await dialog.getByLabel("Guardrail").fill("report");
    await dialog.getByRole("button", { name: "Create draft" }).click();
    await page.getByRole("link", { name: "Order of tips" }).click();
    await page.getByText("Nobody was exposed yet").waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await dialog.getByRole("button", { name: "Start" }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    const { results } = (await world.api("GET", "/api/v1/experiments")) as {
      results: Experiment[];
    };
    await expose(world, results[0]?.id ?? "", [
      { users: 600, clicks: 10 },
      { users: 600, clicks: 25 },
    ]);
    await page.reload();
    const health = page.getByRole("region", { name: "May it be believed?" });
    await health.getByText("healthy").waitFor();
    const click = page.getByRole("region", { name: "click", exact: true });
    await click.getByText("winner").waitFor();
    await click
      .getByRole("img", { name: /^always valid: .+; fixed horizon: .+; Bayesian: / })
      .waitFor();
    await click.getByRole("img", { name: /^Cumulative lift of new over 3 days/ }).waitFor();
    await page.getByRole("region", { name: "report" }).first().getByText("guardrail").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Stop" }).click();
    await dialog.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Archive" }).waitFor();
  });

  test("a broken split is said first, and promoting it is warned of", async () => {
    const body = {
      name: "skewed",
      status: "running",
      variations: halves,
      metrics: [{ name: "click" }],
    };
    const { id } = (await world.api("POST", "/api/v1/experiments", body)) as Experiment;
    await expose(world, id, [
      { users: 300, clicks: 10 },
      { users: 600, clicks: 30 },
    ]);
    const page = await openConsole(world, `/experiments/${id}`);
    await page.getByText("not to be believed").waitFor();
    await page.getByRole("region", { name: "click", exact: true }).getByText("withheld").waitFor();
    expect(await page.getByText("winner", { exact: true }).count()).toBe(0);
    await page.getByRole("button", { name: /^Give everybody/ }).click();
    await page.getByText("its figures may not be believed").waitFor();
    await expectAccessible(page);
  });

  test("a variation is given to everybody, and taken back", async () => {
    const ranked = { ...halves[1], name: "trends", ranking: { mmr_lambda: 0.4 } };
    const body = { name: "ranked", status: "running", variations: [halves[0], ranked] };
    const { id } = (await world.api("POST", "/api/v1/experiments", body)) as Experiment;
    const path = `/api/v1/experiments/${id}`;
    const page = await openConsole(world, `/experiments/${id}`);
    const dialog = page.getByRole("alertdialog");
    await page.getByRole("button", { name: "Give everybody “trends”" }).click();
    await dialog.getByRole("button", { name: "Give everybody “trends”" }).click();
    await page.getByText("Everybody gets “trends”").waitFor();
    expect(await world.api("GET", path)).toMatchObject({ status: "stopped" });
    expect(await world.api("GET", `${path}/promote`)).toMatchObject({
      ranking: { experiment_id: id, ranking: { mmr_lambda: 0.4 } },
    });
    await expectAccessible(page);
    await page.getByRole("button", { name: "Rank as shipped again" }).click();
    await dialog.getByRole("button", { name: "Rank as shipped again" }).click();
    await page.getByText("Everybody gets “trends”").waitFor({ state: "detached" });
    expect(await world.api("GET", `${path}/promote`)).toEqual({ ranking: null });
  });

  test("sample size and calculator answer while typing, also on a phone", async () => {
    const page = await openConsole(world, "/experiments", true);
    const size = page.getByRole("region", { name: "How many users do I need?" });
    await size.getByText("15,612", { exact: true }).waitFor();
    await size.getByLabel("Lift worth finding, percent").fill("20");
    await size.getByText("15,612", { exact: true }).waitFor({ state: "detached" });
    const calculator = page.getByRole("region", { name: "Calculator" });
    await calculator.getByText("+20.0%").first().waitFor();
    await calculator.getByLabel("Conversions of treatment").fill("150");
    await calculator.getByText("+50.0%").first().waitFor();
    await calculator.getByLabel("Conversions of treatment").fill("1500");
    await calculator.getByRole("alert").waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
    await expectAccessible(page);
  });
});
