import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";

import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";

import { launchChromium } from "./chromium.ts";
import { watchConsole } from "./console-errors.ts";
import { contextOptions, type PageOptions } from "./page-options.ts";

/** A standalone is ready after this time on the slowest machine that runs everything at once. */
const READY_MS = 240_000;
/** A page waits this long for what a test expects of it, milliseconds. */
const PATIENCE_MS = 45_000;

export interface WorldOptions {
  /** Sample catalogue and simulated visitors. */
  demo: boolean;
  env?: Readonly<Record<string, string>>;
  /** `false`: the suite needs no console, so its files are not waited for. */
  console?: false;
}

export interface OpenOptions extends PageOptions {
  /** Errors on the console that this test is about; anything else fails it. */
  allow?: readonly RegExp[];
}

/** What a suite's tests stand on; ready from its first `beforeAll` on. */
export interface World {
  readonly url: string;
  readonly keys: StandaloneProcess["keys"];
  readonly browser: Browser;
  /** For tests that stop or restart it. */
  readonly standalone: StandaloneProcess;
  /** A page in a fresh context (no storage, no cookies), at this path of the standalone. */
  open(path: string, options?: OpenOptions): Promise<Page>;
  /** JSON of a call with an API key; throws for any status but 2xx. */
  api(method: string, path: string, body?: unknown, key?: string): Promise<unknown>;
}

interface Watched {
  context: BrowserContext;
  errors: () => string[];
}

/** Registers the hooks that start and end the world in the suite being described. */
export function createWorld(options: WorldOptions): World {
  let browser: Browser | undefined;
  let standalone: StandaloneProcess | undefined;
  const watched: Watched[] = [];
  beforeAll(async () => {
    const starting = await Promise.allSettled([launchChromium(), startStandalone(options)]);
    if (starting[0].status === "fulfilled") browser = starting[0].value;
    if (starting[1].status === "fulfilled") standalone = starting[1].value;
    for (const part of starting) if (part.status === "rejected") throw part.reason;
    if (options.console !== false) await consoleBuilt(world.url);
  }, 2 * READY_MS);
  afterEach(async () => {
    const pages = watched.splice(0);
    const errors = pages.flatMap((page) => page.errors());
    await Promise.all(pages.map((page) => page.context.close()));
    expect(errors, "errors on the console").toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await standalone?.stop();
  });
  const world: World = {
    get url() {
      return world.standalone.url;
    },
    get keys() {
      return world.standalone.keys;
    },
    get browser() {
      return started(browser, "the browser");
    },
    get standalone() {
      return started(standalone, "the standalone");
    },
    async open(path, given = {}) {
      const context = await world.browser.newContext(contextOptions(given));
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      watched.push({ context, errors: watchConsole(page, given.allow ?? []) });
      await page.goto(new URL(path, world.url).href);
      return page;
    },
    async api(method, path, body, key = world.keys.api) {
      const answer = await fetch(new URL(path, world.url), {
        method,
        headers: { "x-api-key": key, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text === "" ? undefined : (JSON.parse(text) as unknown);
    },
  };
  return world;
}

/** A standalone answers before the files of its console are built. */
async function consoleBuilt(url: string): Promise<void> {
  const look = async () => expect(await (await fetch(url)).text()).toContain('id="root"');
  await vi.waitFor(look, { timeout: READY_MS, interval: 200 });
}

function started<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new Error(`${name} is not started yet`);
  return part;
}
