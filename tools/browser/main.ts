// Takes the pictures of docs/images anew, in light and dark: `pnpm screenshots [name ...]`.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { startStandalone } from "@signalpath/stack/standalone-process.ts";
import type { Browser } from "playwright-core";

import { launchChromium } from "./chromium.ts";
import { SHOTS, type Shot } from "./shots.ts";
import { signIn } from "./sign-in.ts";
import { contextOptions, type PageOptions } from "./page-options.ts";

const FOLDER = fileURLToPath(new URL("../../docs/images", import.meta.url));
const wanted = process.argv.slice(2);
const shots = SHOTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const unknown = wanted.filter((name) => !SHOTS.some((shot) => shot.name === name));
if (unknown.length > 0) {
  console.error(
    `no picture ${unknown.join(", ")}; there are ${SHOTS.map((shot) => shot.name).join(", ")}`,
  );
  process.exit(2);
}

const standalone = await startStandalone({ demo: true, readyMs: 240_000 });
const browser = await launchChromium();
try {
  await mkdir(FOLDER, { recursive: true });
  for (const shot of shots) {
    await take(browser, shot, {}, `${shot.name}-light`);
    await take(browser, shot, { dark: true }, `${shot.name}-dark`);
    if (shot.phone === true) await take(browser, shot, { phone: true }, `${shot.name}-phone`);
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
    await shot.prepare(page);
    await page.screenshot({ path: `${FOLDER}/${name}.png` });
    console.log(`docs/images/${name}.png`);
  } finally {
    await context.close();
  }
}
