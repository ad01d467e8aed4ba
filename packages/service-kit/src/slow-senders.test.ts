import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, expect, test } from "vitest";

import { cutSlowSenders } from "./slow-senders.ts";

const CHUNK = Buffer.alloc(512 * 1024, "x");
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that answers the size of a body, read by `read`. */
async function open(requestMs: number, read: (request: IncomingMessage) => Promise<number>) {
  const server = createServer((request, response) => {
    read(request).then(
      (size) => response.end(String(size)),
      () => response.destroy(),
    );
  });
  server.requestTimeout = 0;
  const arriving = cutSlowSenders(server, { requestMs, checkMs: 10 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const seen = { text: "" };
  socket.on("data", (chunk: Buffer) => void (seen.text += chunk.toString()));
  socket.on("error", () => undefined);
  return { socket, seen, arriving };
}

function head(socket: Socket, length: number): void {
  socket.write(`POST / HTTP/1.1\r\nHost: here\r\nContent-Length: ${length}\r\n\r\n`);
}

async function whole(request: IncomingMessage): Promise<number> {
  let size = 0;
  for await (const chunk of request) size += (chunk as Buffer).length;
  return size;
}

test("a body that drips is cut with 408", async () => {
  const { socket, seen, arriving } = await open(100, whole);
  head(socket, 1_000_000);
  const drip = setInterval(() => socket.write("x"), 10);
  closing.push(() => clearInterval(drip));
  await once(socket, "close");
  expect(seen.text).toMatch(/^HTTP\/1.1 408 /);
  expect(arriving()).toBe(0);
});

test("an upload that brings 1 MiB a stretch takes as many stretches as it needs", async () => {
  const requestMs = 600;
  const { socket, seen } = await open(requestMs, whole);
  const chunks = 25;
  const startedAt = performance.now();
  head(socket, chunks * CHUNK.length);
  for (let sent = 0; sent < chunks; sent++) {
    socket.write(CHUNK);
    await sleep(60);
  }
  while (seen.text === "") await sleep(5);
  expect(performance.now() - startedAt).toBeGreaterThan(2 * requestMs);
  expect(seen.text).toMatch(/^HTTP\/1.1 200 /);
  expect(seen.text).toMatch(new RegExp(`${chunks * CHUNK.length}$`));
});

test("time in which the body waits for us is not the sender's", async () => {
  const requestMs = 50;
  const { socket, seen } = await open(requestMs, async (request) => {
    // What an upload does while its rows are written.
    await sleep(10 * requestMs);
    return whole(request);
  });
  head(socket, CHUNK.length);
  socket.write(CHUNK);
  while (seen.text === "") await sleep(5);
  expect(seen.text).toMatch(/^HTTP\/1.1 200 /);
});

test("a request without a body is not watched", async () => {
  const { socket, seen, arriving } = await open(10, async () => {
    await sleep(100);
    return 0;
  });
  socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  while (seen.text === "") await sleep(5);
  expect(seen.text).toMatch(/^HTTP\/1.1 200 /);
  expect(arriving()).toBe(0);
});
