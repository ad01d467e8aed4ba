import type { Page } from "playwright-core";

/**
 * Collects what a page complains about: errors on its console (also refused scripts and failed
 * loads) and exceptions that nobody caught.
 * @returns what came so far, but for what a pattern allows.
 */
export function watchConsole(page: Page, allow: readonly RegExp[]): () => string[] {
  const errors: string[] = [];
  const note = (text: string) => {
    if (!allow.some((pattern) => pattern.test(text))) errors.push(text);
  };
  page.on("console", (message) => {
    if (message.type() === "error") note(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => note(String(error.stack ?? error)));
  return () => [...errors];
}
