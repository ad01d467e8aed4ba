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
  /** Also as a phone shows it. */
  phone?: boolean;
}

/** Every picture, in the order they are taken, on a demo that has just started. */
export const SHOTS: readonly Shot[] = [
  {
    name: "demo",
    path: "/demo",
    phone: true,
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
    name: "console-models",
    path: "/models",
    as: "api",
    phone: true,
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
];
