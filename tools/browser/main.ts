// Takes the pictures of docs/images anew, in light and dark: `pnpm screenshots [name ...]`.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { startStandalone } from "@signalpath/stack/standalone-process.ts";
import type { Browser } from "playwright-core";

import { launchChromium } from "./chromium.ts";
import { SHOTS, type Shot } from "./shots.ts";
import { hideVisit, signIn } from "./sign-in.ts";
import { contextOptions, type PageOptions } from "./page-options.ts";

const FOLDER = fileURLToPath(new URL("../../docs/images", import.meta.url));
const viewport = { width: 1280, height: 800 };
const wanted = process.argv.slice(2);
const shots = SHOTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const unknown = wanted.filter((name) => !SHOTS.some((shot) => shot.name === name));
if (unknown.length > 0) {
  console.error(
    `no picture ${unknown.join(", ")}; there are ${SHOTS.map((shot) => shot.name).join(", ")}`,
  );
  process.exit(2);
}

const standalone = await startStandalone({ demo: true });
const browser = await launchChromium();
try {
  await mkdir(FOLDER, { recursive: true });
  for (const shot of shots) {
    await take(browser, shot, { context: { viewport } }, `${shot.name}-light`);
    await take(browser, shot, { dark: true, context: { viewport } }, `${shot.name}-dark`);
  }
} finally {
  await browser.close();
  await standalone.stop();
}

async function take(on: Browser, shot: Shot, options: PageOptions, name: string): Promise<void> {
  const context = await on.newContext(contextOptions(options));
  try {
    const page = await context.newPage();
    await page.goto(new URL(shot.path, standalone.url).href);
    if (shot.as !== undefined) await signIn(page, standalone.keys[shot.as]);
    // The guided visit is in the first picture; the others show the whole page.
    if (shot.as !== undefined && shot.hasVisit !== true) await hideVisit(page);
    await shot.prepare(page);
    // Nothing is on its way any more, and whose key it is stands below the navigation.
    if (shot.as !== undefined) await page.getByText(/key may:/).waitFor({ state: "attached" });
    await page.waitForFunction(() => document.querySelector(".skeleton") === null);
    await page.screenshot({ path: `${FOLDER}/${name}.png` });
    console.log(`docs/images/${name}.png`);
  } finally {
    await context.close();
  }
}
