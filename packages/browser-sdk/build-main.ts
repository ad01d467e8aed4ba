// Writes dist/: the two bundles and their types.
import { spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { buildSdk } from "./build.ts";

const out = fileURLToPath(new URL("dist", import.meta.url));
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
for (const { name, text } of await buildSdk()) await writeFile(`${out}/${name}`, text);
const types = spawnSync("tsc", ["-p", "tsconfig.types.json"], { stdio: "inherit" });
process.exitCode = types.status ?? 1;
