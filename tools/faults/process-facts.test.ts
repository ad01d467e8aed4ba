import { closeSync, openSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";

import { expect, onTestFinished, test } from "vitest";

import { descriptors, rssMib } from "./process-facts.ts";

test("open files are counted, connections of clients are not", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const files = () => descriptors(process.pid, port);
  const before = files();
  const opened = [1, 2, 3].map(() => openSync("/dev/null", "r"));
  expect(files()).toBe(before + 3);
  for (const file of opened) closeSync(file);
  const taken = once(server, "connection");
  const client = connect(port, "127.0.0.1");
  await taken;
  // The end of the client is in this process too; the end of the server does not count.
  expect(files()).toBe(before + 1);
  client.destroy();
});

test("a process that is gone has neither memory nor files", () => {
  expect(rssMib(process.pid)).toBeGreaterThan(10);
  expect([rssMib(undefined), descriptors(undefined, 1)]).toEqual([0, 0]);
});
