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

/** Every picture, in the order they are taken. */
export const SHOTS: readonly Shot[] = [];
