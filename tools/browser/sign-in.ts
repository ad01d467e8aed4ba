import type { Page } from "playwright-core";

/** Signs in at the console's door with an API key, as a person does, and waits until it is open. */
export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel("API key", { exact: true }).fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("API key", { exact: true }).waitFor({ state: "detached" });
}

/** Puts the guided visit of the demo away, as a person does who knows it. */
export async function hideVisit(page: Page): Promise<void> {
  const visit = page.getByRole("region", { name: "Guided visit" });
  await visit.getByRole("button", { name: "Hide" }).click();
  await visit.waitFor({ state: "detached" });
}
