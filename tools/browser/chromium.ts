import { chromium, type Browser } from "playwright-core";

import { findBinary } from "@signalpath/real-servers/binaries.ts";

/** Names the system's Chromium goes by, first found wins. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];
/** A start on a machine that is busy with everything else, milliseconds. */
const LAUNCH_MS = 90_000;

/** Full path of the system's browser; undefined = none is installed. */
export function findChromium(): string | undefined {
  for (const name of NAMES) {
    const file = findBinary(name);
    if (file !== undefined) return file;
  }
  return undefined;
}

/** Starts the system's browser without a window. It ends with this process, however that ends. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(`${NAMES.join(", ")}: not found in PATH`);
  return chromium.launch({
    executablePath,
    timeout: LAUNCH_MS,
    // Signals are the test runner's; the browser notices that its pipe closed.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      // Tests run as root in containers, whose /dev/shm is small.
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-gpu",
      "--font-render-hinting=none",
    ],
  });
}
