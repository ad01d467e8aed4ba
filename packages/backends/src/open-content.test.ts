import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { sha256 } from "@signalpath/ports/contract-suites";
import { expect, test } from "vitest";

import { openContent } from "./open-content.ts";

function opening() {
  const lines: string[] = [];
  const errors: unknown[] = [];
  return {
    lines,
    errors,
    service: "test-app",
    now: Date.now,
    sha256,
    warn: (line: string) => void lines.push(line),
    onError: (error: unknown) => void errors.push(error),
  };
}
const item = { item_id: "a", title: "A", tags: [] };

test("without a URL the in-process index is meant, and nothing is warned of", async () => {
  const given = opening();
  const content = await openContent({}, given);
  await content.upsert(1, [item]);
  expect(await content.get(1, ["a"])).toEqual([item]);
  expect(content.degraded()).toBe(false);
  expect(given.lines).toEqual([]);
});

test("with a server that is not there the in-process index answers, and says so", async () => {
  const given = opening();
  const content = await openContent({ QDRANT_URL: await nobodysUrl() }, given);
  await content.upsert(1, [item]);
  expect(await content.get(1, ["a"])).toEqual([item]);
  expect(content.degraded()).toBe(true);
  expect(given.lines).toHaveLength(1);
  expect(given.errors[0]).toMatchObject({ dependency: "qdrant" });
  await content.close();
});

test("a URL that is none stops the start", async () => {
  await expect(openContent({ QDRANT_URL: "qdrant" }, opening())).rejects.toThrow(TypeError);
});

/** A port that was free a moment ago. */
async function nobodysUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
