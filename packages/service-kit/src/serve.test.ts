import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { serve } from "./serve.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";

async function connectTo(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => {
      socket.destroy();
      resolve("connected");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

test("a request that meets the drain on an idle connection is answered, a new connection refused", async () => {
  const server = await serve(() => new Response("done"), { host: "127.0.0.1", port: 0 });
  const idle = connect(server.port, "127.0.0.1");
  let text = "";
  idle.on("data", (chunk: Buffer) => void (text += chunk.toString()));
  idle.write(REQUEST);
  while (!text.endsWith("done")) await sleep(5);
  text = "";
  const closed = once(idle, "close");
  const drained = server.drain(5_000);
  // Until it is quiet, connections are taken still: the kernel may have completed them already.
  while ((await connectTo(server.port)) !== "ECONNREFUSED") await sleep(5);
  idle.write(REQUEST);
  await closed;
  expect(text).toMatch(/^HTTP\/1.1 200[^]*connection: close[^]*done$/i);
  await drained;
});

test("idle connections live as long as requests come over others: each is closed by its own answer", async () => {
  const server = await serve(() => new Response("done"), { host: "127.0.0.1", port: 0 });
  const open = async () => {
    const socket = connect(server.port, "127.0.0.1");
    const seen = { socket, text: "", isClosed: false };
    socket.on("data", (chunk: Buffer) => void (seen.text += chunk.toString()));
    socket.once("close", () => void (seen.isClosed = true));
    socket.write(REQUEST);
    while (!seen.text.endsWith("done")) await sleep(5);
    seen.text = "";
    return seen;
  };
  const connections = await Promise.all(Array.from({ length: 8 }, open));
  const drained = server.drain(60_000);
  // Longer than the silence that would close them, but no silence.
  for (const one of connections) {
    await sleep(250);
    one.socket.write(REQUEST);
    while (!one.isClosed) await sleep(5);
    expect(one.text).toMatch(/^HTTP\/1.1 200[^]*done$/);
  }
  await drained;
});

test("a connection that stays idle does not hold the drain up", async () => {
  const server = await serve(() => new Response("done"), { host: "127.0.0.1", port: 0 });
  const response = await fetch(server.url);
  await response.text();
  const startedAt = performance.now();
  await server.drain(60_000);
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});

test("what still runs when the drain's time is over is cut, and counted", async () => {
  let began = () => {};
  const isRunning = new Promise<void>((resolve) => (began = resolve));
  const cut: number[] = [];
  const handler = () => {
    began();
    return new Promise<Response>(() => {});
  };
  const onCut = (connections: number) => void cut.push(connections);
  const server = await serve(handler, { host: "127.0.0.1", port: 0, onCut });
  const socket = connect(server.port, "127.0.0.1");
  const closed = once(socket, "close");
  socket.on("error", () => {});
  socket.write(REQUEST);
  await isRunning;
  await server.drain(50);
  await closed;
  expect(cut).toEqual([1]);
});
