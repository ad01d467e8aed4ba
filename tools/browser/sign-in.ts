import type { Page } from "playwright-core";

/** Signs in at the console's door with an API key, as a person does, and waits until it is open. */
export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel("API key", { exact: true }).fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("API key", { exact: true }).waitFor({ state: "detached" });
}
