import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { generatedFiles } from "./generate/files.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const files = await generatedFiles();

describe("generated files", () => {
  it.each([...files])("%s is fresh (pnpm generate)", (name, text) => {
    expect(readFileSync(join(root, name), "utf8")).toBe(text);
  });

  it("no schema of a subject that is gone", () => {
    const wanted = [...files.keys()].filter((name) => name.startsWith("docs/schemas/"));
    const there = readdirSync(join(root, "docs/schemas")).map((name) => `docs/schemas/${name}`);
    expect(there.toSorted()).toEqual(wanted.toSorted());
  });
});
