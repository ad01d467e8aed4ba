import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

function pages(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (["node_modules", "dist", ".git", ".turbo"].includes(entry.name)) return [];
    const full = join(folder, entry.name);
    if (entry.isDirectory()) return pages(full);
    return entry.name.endsWith(".md") ? [full] : [];
  });
}

/** Relative links, and code spans that look like a path of this repository. */
function pathsIn(page: string): string[] {
  const text = readFileSync(page, "utf8");
  const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) =>
    join(dirname(page), match[1] as string),
  );
  const spans = [
    ...text.matchAll(/`((?:apps|packages|tools|docs|infra|python)\/[\w./-]*[\w/])`/g),
  ].map((match) => join(root, match[1] as string));
  return [...links, ...spans].map((path) => relative(root, path));
}

const all = pages(root).map((page) => relative(root, page));

describe("documentation", () => {
  it("is there", () => {
    expect(all).toEqual(expect.arrayContaining(["README.md", "docs/architecture.md"]));
  });

  it.each(all)("%s names only paths that exist", (page) => {
    const gone = pathsIn(join(root, page)).filter((path) => !existsSync(join(root, path)));
    expect(gone).toEqual([]);
  });

  it.each(readdirSync(join(root, "apps")))(
    "apps/%s has a README with three curls or commands",
    (app) => {
      const text = readFileSync(join(root, "apps", app, "README.md"), "utf8");
      const calls = text.match(/^\s*(?:curl |(?:\w+=\S+ )*signalpath |npm start|npx )/gm) ?? [];
      expect(calls.length).toBeGreaterThanOrEqual(app === "standalone" ? 1 : 3);
    },
  );
});
