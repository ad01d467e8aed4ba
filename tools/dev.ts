// `pnpm dev --filter=recommender`: one app (or all) with reload, on the servers that `pnpm dev:real`
// runs when it does (.signalpath/dev.env), else on embedded keepers.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

import { devArguments } from "./dev-arguments.ts";

const FILE = ".signalpath/dev.env";

function devEnv(): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(FILE, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

const found = devEnv();
if (Object.keys(found).length > 0)
  console.log(`servers of ${FILE}: ${Object.keys(found).join(", ")}`);
const child = spawn("turbo", devArguments(process.argv.slice(2)), {
  stdio: "inherit",
  // What the caller set wins over the file.
  env: { ...found, ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
});
// Ctrl-C reaches the whole group; this process waits for the apps to drain.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.once("close", (code) => void (process.exitCode = code ?? 0));
