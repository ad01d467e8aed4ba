import type { BrowserContextOptions } from "playwright-core";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

/** How a page is looked at. */
export interface PageOptions {
  phone?: boolean;
  dark?: boolean;
  context?: BrowserContextOptions;
}

/** Options of a fresh browser context: size, colour scheme, and nothing that differs by machine. */
export function contextOptions(given: PageOptions): BrowserContextOptions {
  return {
    viewport: given.phone === true ? PHONE : DESKTOP,
    colorScheme: given.dark === true ? "dark" : "light",
    hasTouch: given.phone === true,
    // Nothing moves while a test or a picture looks.
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
    ...given.context,
  };
}
