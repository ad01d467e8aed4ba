import { expect, test } from "vitest";

import { expectAccessible } from "./accessibility.ts";
import { describeWithBrowser } from "./describe.ts";
import { signIn } from "./sign-in.ts";

describeWithBrowser("console: shell, Live, Users, Content, Features", { demo: true }, (world) => {
  test("a key that is none opens nothing, a good one does and is in no URL", async () => {
    const page = await world.open("/users", { allow: [/401/] });
    await page.getByLabel("API key", { exact: true }).fill("rctm_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This key is not accepted").waitFor();
    await expectAccessible(page);
    await signIn(page, world.keys.api);
    await page.getByRole("heading", { name: "Users", level: 1 }).waitFor();
    expect(page.url()).not.toContain(world.keys.api);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("API key", { exact: true }).waitFor();
  });

  test("events move the Live page, which can be paused", async () => {
    const page = await world.open("/");
    await signIn(page, world.keys.api);
    await page.getByRole("heading", { name: "Live", level: 1 }).waitFor();
    await page.getByText("connected", { exact: true }).waitFor();
    const event = { type: "track", event: "Tip Feedback", userId: "browser-1" };
    const properties = { item_id: "work-shirt-price", reaction: "like" };
    await world.api("POST", "/api/ingest", { ...event, properties });
    await page.getByLabel("Item, user, subject or code").fill("work-shirt-price");
    await page.getByRole("cell", { name: "work-shirt-price" }).first().waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused: counts go on, the rows stay.").waitFor();
    await expectAccessible(page);
  });

  test("a person's timeline and list follow what they do; erasing needs their id and gives a receipt", async () => {
    const page = await world.open("/users/browser-2", { allow: [/404.*explain/] });
    await signIn(page, world.keys.admin);
    await page.getByText("Nothing is known about this id").waitFor();
    const event = { type: "track", event: "Tip Feedback", userId: "browser-2" };
    const properties = { item_id: "work-shirt-price", reaction: "like" };
    await world.api("POST", "/api/ingest", { ...event, properties });
    const timeline = page.getByRole("region", { name: "What they did" });
    await timeline.getByText("work-shirt-price").first().waitFor();
    const beliefs = page.getByRole("region", { name: "What is believed" });
    await beliefs.getByText("fair work", { exact: true }).waitFor();
    await page.getByText("from their own model").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Erase this person" }).click();
    const dialog = page.getByRole("alertdialog");
    const erase = dialog.getByRole("button", { name: "Erase this person" });
    expect(await erase.isDisabled()).toBe(true);
    await dialog.getByLabel("Type the id to confirm").fill("browser-2");
    await erase.click();
    await page.getByText("Erased", { exact: true }).waitFor();
  }, 120_000);

  test("the catalogue is searched, an item tells what happened to it", async () => {
    const page = await world.open("/content/work-shirt-price");
    await signIn(page, world.keys.api);
    await page.getByText("Liked by the same people").waitFor();
    await page.getByLabel("Words in title or text").fill("bench");
    await page.getByRole("link", { name: "Map the benches on your street" }).waitFor();
    await expectAccessible(page);
  });

  test("features are listed, and one person's values with their spread", async () => {
    const page = await world.open("/features", { dark: true });
    await signIn(page, world.keys.api);
    await page.getByText("completion_rate_30d").first().waitFor();
    await page.getByLabel("User ids").fill("mara");
    await page.getByRole("button", { name: "Look" }).click();
    await page.getByText("Spread of the normalised value").waitFor();
    await expectAccessible(page);
  });

  test("nothing is wider than a phone", async () => {
    const page = await world.open("/live", { phone: true });
    await page.getByLabel("API key", { exact: true }).fill(world.keys.api);
    await page.getByRole("button", { name: "Sign in" }).click();
    for (const name of ["Live", "Users", "Content", "Features"]) {
      await page.getByRole("button", { name: "Menu" }).click();
      await page.getByRole("link", { name, exact: true }).click();
      await page.getByRole("heading", { name, level: 1 }).waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, name).toBeLessThanOrEqual(390);
    }
  });
});
