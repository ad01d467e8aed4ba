import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { SERVER_KINDS, URL_VARIABLE } from "./binaries.ts";
import { startAll } from "./start-all.ts";

// Runs real servers for development until Ctrl-C and leaves their URLs in .signalpath/dev.env.
const dir = fileURLToPath(new URL("../../.signalpath", import.meta.url));
const file = join(dir, "dev.env");

const interrupted = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => resolve());
});
const { states, stop } = await startAll(process.env);

const lines: string[] = [];
for (const kind of SERVER_KINDS) {
  const state = states[kind];
  const place = state.url === undefined ? `none: ${state.why}` : `${state.url}  (${state.from})`;
  console.log(`${kind.padEnd(9)} ${place}`);
  if (state.url !== undefined) lines.push(`${URL_VARIABLE[kind]}=${state.url}`);
}
await mkdir(dir, { recursive: true });
await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
console.log(`\nwritten to ${file}; data is gone when this ends (Ctrl-C)`);

// With every URL given there is no child, and signal listeners alone keep no process running.
const keepAlive = setInterval(() => undefined, 60_000);
await interrupted;
clearInterval(keepAlive);
await Promise.all([stop(), rm(file, { force: true })]);
