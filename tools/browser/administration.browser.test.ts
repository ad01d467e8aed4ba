import { expect, test } from "vitest";

import { expectAccessible } from "./accessibility.ts";
import { describeWithBrowser } from "./describe.ts";
import { signIn } from "./sign-in.ts";

describeWithBrowser("console: administration", { demo: false }, (world) => {
  test("system: services, dependencies and consumers, on a phone and in the dark too", async () => {
    for (const options of [{}, { phone: true, dark: true }]) {
      const page = await world.open("/system", options);
      await signIn(page, world.keys.api);
      await page.getByRole("heading", { name: "System", exact: true }).waitFor();
      await page.getByRole("cell", { name: "ingest-webhook", exact: true }).waitFor();
      await page.getByText("Every dependency of this server answers").waitFor();
      await page.getByRole("cell", { name: "user-model-updater-refresh" }).waitFor();
      expect(await page.getByRole("link", { name: "Metrics (Prometheus)" }).count()).toBe(1);
      await expectAccessible(page);
    }
  });

  test("dead letters: empty, then by cause, one event covered, tried and replayed", async () => {
    const page = await world.open("/dead-letters", { allow: [/403/] });
    await signIn(page, world.keys.api);
    await page.getByText("Nothing was refused").waitFor();
    await page.getByText("no scope admin: personal data stays covered").waitFor();
    const event = { type: "track", event: "Tip Liked", messageId: "m-1", traits: { city: "Bern" } };
    await world.api("POST", "/api/ingest", [{ ...event, properties: { item_id: "t1" } }]);
    await page.reload();
    await page.getByRole("button", { name: /^Show NO_IDENTITY/ }).click();
    await page.getByRole("button", { name: /^Open / }).click();
    const whole = page.getByRole("region", { name: "One event", exact: true });
    await whole.getByText("Tip Liked").waitFor();
    expect(await whole.getByText("Bern").count()).toBe(0);
    await whole.getByRole("button", { name: "Show personal data" }).click();
    await whole.getByText("API key does not have 'admin' scope").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Try all of this code" }).click();
    await page.getByText("Tried only: nothing was published").waitFor();
    await page.getByRole("button", { name: "Replay all of this code" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Replay all" }).click();
    await page.getByText("0 letters were published").waitFor();
    await expectAccessible(page);

    const admin = await world.open("/dead-letters/NO_IDENTITY");
    await signIn(admin, world.keys.admin);
    await admin.getByRole("button", { name: /^Open / }).click();
    await admin.getByRole("button", { name: "Show personal data" }).click();
    await admin.getByText("Bern").waitFor();
    await admin.getByRole("button", { name: "Cover personal data" }).click();
    await admin.getByText("Bern").waitFor({ state: "detached" });
  });

  test("keys: says what is missing to a key that may not, and manages keys with one that may", async () => {
    const refused = await world.open("/keys", { allow: [/403/] });
    await signIn(refused, world.keys.api);
    await refused.getByText("This needs a key with scope admin").waitFor();

    const page = await world.open("/keys", { phone: true });
    await signIn(page, world.keys.admin);
    await page.getByLabel("Name", { exact: true }).fill("nightly report");
    await page.getByRole("button", { name: "Make the key" }).click();
    const made = page.getByRole("alert").filter({ hasText: "Copy the key now" });
    const key = (await made.locator("code").textContent()) ?? "";
    expect(key).toMatch(/^rctm_/);
    await world.api("GET", "/api/v1/system/", undefined, key);
    await made.getByRole("button", { name: "I have it" }).click();
    const row = page.getByRole("row").filter({ hasText: "nightly report" });
    await row.getByText("active").waitFor();
    await row.getByRole("button", { name: "Revoke" }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByLabel("Type the key's name").fill("nightly report");
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await row.getByText("revoked").waitFor();
    await page.getByLabel("Name of the new project").fill("second shop");
    await page.getByRole("button", { name: "Make the project" }).click();
    await page.getByRole("cell", { name: "second shop" }).waitFor();
    await expectAccessible(page);
  });
});
