import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What the built files are made from, from the console's folder on. */
const SOURCES = ["index.html", "vite.config.ts", "package.json", "src", "../../pnpm-lock.yaml"];
/** Of `src`: made into the server, or into nothing. */
const SKIPPED = /(?:^|\/)server(?:\/|$)|\.test\.tsx?$/;

/**
 * Names the state of the sources: equal sources give equal names, on any machine.
 * @returns 16 hexadecimal digits
 */
export async function bundleKey(room: string): Promise<string> {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    for (const path of await filesOf(room, source)) {
      hash
        .update(`${path}\0`)
        .update(await readFile(join(room, path)))
        .update("\0");
    }
  }
  return hash.digest("hex").slice(0, 16);
}

async function filesOf(room: string, path: string): Promise<string[]> {
  if (path !== "src") return [path];
  const entries = await readdir(join(room, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(room.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter((name) => !SKIPPED.test(name))
    .sort();
}
