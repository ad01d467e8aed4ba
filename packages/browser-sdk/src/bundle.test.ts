import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

import { buildSdk } from "../build.ts";

/** What the client may cost a page, bytes of gzip. */
const MOST = 6_000;

test("both bundles are small, stand alone and keep their names", async () => {
  const files = await buildSdk();
  expect(files.map(({ name }) => name)).toEqual(["signalpath.js", "signalpath.iife.js"]);
  for (const { name, text } of files) {
    expect(gzipSync(text, { level: 9 }).length, name).toBeLessThan(MOST);
    expect(text, name).not.toMatch(/\b(?:import|require)\s*[({"']/);
  }
  expect(files[0]?.text).toContain("createSignalpath");
  expect(files[1]?.text).toMatch(/^(?:"use strict";)?var Signalpath=/);
});
