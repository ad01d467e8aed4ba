import { expect, test } from "vitest";

import { expectAccessible } from "./accessibility.ts";
import { describeWithBrowser } from "./describe.ts";

describeWithBrowser("console: the first visit of a stranger", { demo: true }, (world) => {
  const codes = () => [...world.standalone.log().matchAll(/ode:?\s+(\d{4}-\d{4})/g)];

  test("a code opens it, and the visit leads from events to experiments", async () => {
    const page = await world.open("/", { allow: [/401/] });
    await page.getByLabel("Sign-in code").fill("0000-0000");
    await page.getByRole("button", { name: "Open the demo" }).click();
    await page.getByText("This is not the code at the terminal").waitFor();
    await expectAccessible(page);
    await expect.poll(() => codes().length, { timeout: 60_000 }).toBeGreaterThan(0);
    await page.getByLabel("Sign-in code").fill(codes().at(-1)?.[1] ?? "");
    await page.getByRole("button", { name: "Open the demo" }).click();
    const visit = page.getByRole("region", { name: "Guided visit" });
    await visit.getByRole("heading", { name: "It is flowing" }).waitFor();
    await page.getByRole("cell", { name: "Accepted" }).first().waitFor();
    await expectAccessible(page);
    await visit.getByRole("button", { name: "Next" }).click();
    await visit.getByLabel("Visitor").selectOption("mara");
    await visit.getByRole("button", { name: "Look at mara" }).click();
    await page.getByText("from their own model").waitFor();
    await visit.getByRole("heading", { name: "Like something in their name" }).waitFor();
    await page.reload();
    await visit
      .getByRole("button", { name: /^Like: / })
      .first()
      .click();
    await visit.getByRole("heading", { name: "The list followed" }).waitFor();
    await visit.getByText(/A new list .+ after the like: \d+ of 10 places changed/).waitFor();
    await visit.getByText(/The model went from \d+ to \d+ events/).waitFor();
    await visit.getByText(/First now: .+ Why: .+/).waitFor();
    await expectAccessible(page);
    await visit.getByRole("button", { name: "Hide" }).click();
    await page.getByRole("button", { name: "Continue the guided visit" }).click();
    await visit.getByRole("button", { name: "Next" }).click();
    const health = page.getByRole("region", { name: "May it be believed?", exact: true });
    for (const [button, title] of [
      ["Open the A/A experiment", "Demo A/A: the same ranking twice"],
      ["Open the A/B experiment", "Demo A/B: closer to each reader's taste"],
    ] as const) {
      await expect
        .poll(
          async () => {
            await visit.getByRole("button", { name: button }).click();
            return page.getByRole("heading", { name: title }).isVisible();
          },
          { timeout: 120_000, interval: 1_000 },
        )
        .toBe(true);
      await health.getByText("Sample ratio", { exact: true }).waitFor();
      await page
        .getByRole("img", { name: /^always valid/ })
        .first()
        .waitFor();
      await visit.getByRole("button", { name: /^(?:Next|Finish)$/ }).click();
    }
    await page.getByRole("button", { name: "Continue the guided visit" }).waitFor();
    expect(page.url()).not.toContain("rctm_");
    expect(await page.content()).not.toContain(world.keys.api);
  });

  test("then and now stand side by side", async () => {
    await expect.poll(() => codes().length, { timeout: 60_000 }).toBeGreaterThan(1);
    const page = await world.open("/users/mara");
    await page.getByLabel("Sign-in code").fill(codes().at(-1)?.[1] ?? "");
    await page.getByRole("button", { name: "Open the demo" }).click();
    const card = page.getByRole("region", { name: "Then and now", exact: true });
    await card.getByLabel(/^As of/).fill("2020-01-01T00:00");
    await card.getByRole("button", { name: "Compare with now" }).click();
    await card.getByText(/\d+ of 10 places changed since then/).waitFor();
    await card.getByText(/from 0 events/).waitFor();
    await expectAccessible(page);
  });
});
