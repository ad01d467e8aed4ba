// Writes what is derived from code: docs/subjects.md, docs/schemas/*.json, the list of profile
// features, its Python mirror, and the types of the console's HTTP client.
// `--check` writes nothing and fails when a file is not what it should be.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { generatedFiles } from "./generate/files.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const check = process.argv.includes("--check");

function current(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

let stale = 0;
for (const [name, text] of await generatedFiles()) {
  const path = join(root, name);
  if (current(path) === text) continue;
  stale++;
  console.log(`${check ? "stale" : "wrote"} ${name}`);
  if (check) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
if (check && stale > 0) process.exitCode = 1;
