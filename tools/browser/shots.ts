import type { Page } from "playwright-core";

/** One picture of the product as it is kept in docs/images. */
export interface Shot {
  /** File name without theme and ending. */
  name: string;
  path: string;
  /** Whose key the console is signed in with; absent = a page that asks for none. */
  as?: "api" | "admin";
  /** Brings the page into the state that is shown; resolves when all of it is there. */
  prepare(page: Page): Promise<void>;
  /** With the guided visit above the page. */
  hasVisit?: boolean;
}

/** Every picture, in the order they are taken, on a demo that has just started. */
export const SHOTS: readonly Shot[] = [
  {
    name: "demo",
    path: "/demo",
    async prepare(page) {
      await page.getByLabel("You are").selectOption("mara");
      await page.getByText("Made for you.").waitFor();
      await page
        .getByRole("button", { name: /^Like:/ })
        .nth(1)
        .click();
      await page.getByText(/another list after/).waitFor();
    },
  },
  {
    name: "console-live",
    path: "/live",
    as: "api",
    hasVisit: true,
    prepare: (page) => page.getByRole("cell", { name: "Accepted" }).nth(5).waitFor(),
  },
  {
    name: "console-users",
    path: "/users/mara",
    as: "api",
    prepare: (page) => page.getByText("from their own model").waitFor(),
  },
  {
    name: "console-content",
    path: "/content/work-shirt-price",
    as: "api",
    prepare: (page) => page.getByText("Liked by the same people").waitFor(),
  },
  {
    name: "console-features",
    path: "/features",
    as: "api",
    prepare: (page) => page.getByText("people sampled").waitFor(),
  },
  {
    name: "console-models",
    path: "/models",
    as: "api",
    prepare: (page) => page.getByRole("link", { name: "demo popular" }).waitFor(),
  },
  {
    name: "console-experiments",
    path: "/experiments",
    as: "api",
    async prepare(page) {
      const size = page.getByRole("region", { name: "How many users do I need?" });
      await size.getByText("15,612", { exact: true }).waitFor();
      await page.getByRole("img", { name: /^always valid/ }).waitFor();
    },
  },
  {
    name: "console-system",
    path: "/system",
    as: "api",
    async prepare(page) {
      await page.getByRole("cell", { name: "trainer", exact: true }).waitFor();
      await page.getByText("Every dependency of this server answers").waitFor();
      await page.getByRole("cell", { name: "user-model-updater-refresh" }).waitFor();
    },
  },
  {
    name: "console-dead-letters",
    path: "/dead-letters",
    as: "api",
    async prepare(page) {
      // Two events that name nobody, and one that is no event, as a faulty sender's.
      await page.evaluate(async () => {
        const key = sessionStorage.getItem("signalpath.api-key") ?? "";
        const event = { type: "track", event: "Tip Liked", properties: { item_id: "t1" } };
        const body = JSON.stringify([
          { ...event, messageId: "a" },
          { ...event, messageId: "b" },
          7,
        ]);
        await fetch("/api/ingest", { method: "POST", headers: { "x-api-key": key }, body });
      });
      await page.reload();
      await page.getByRole("button", { name: /^Show NO_IDENTITY/ }).click();
      await page
        .getByRole("button", { name: /^Open / })
        .first()
        .click();
      await page.getByRole("button", { name: "Try all of this code" }).click();
      await page.getByText("Tried only").waitFor();
    },
  },
  {
    name: "console-keys",
    path: "/keys",
    as: "admin",
    prepare: (page) => page.getByRole("cell", { name: "standalone api key" }).waitFor(),
  },
];
