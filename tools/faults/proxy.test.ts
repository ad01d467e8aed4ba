import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, expect, test } from "vitest";

import { createRandom } from "./random.ts";
import { startProxy, type Proxy } from "./proxy.ts";

const open: Socket[] = [];
let echo: ReturnType<typeof createServer>;
let heard: Buffer[];
let proxy: Proxy;

beforeEach(async () => {
  heard = [];
  echo = createServer((socket) => {
    open.push(socket.on("error", () => undefined));
    socket.on("data", (chunk: Buffer) => void heard.push(chunk));
    socket.pipe(socket);
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startProxy((echo.address() as AddressInfo).port, createRandom(1));
});

afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

async function client(): Promise<Socket & { text(): string; ended: Promise<string> }> {
  const socket = connect(proxy.port, "127.0.0.1");
  open.push(socket);
  let text = "";
  const ended = new Promise<string>((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.once("close", () => resolve("closed"));
  });
  socket.on("data", (chunk: Buffer) => void (text += chunk.toString()));
  await once(socket, "connect");
  return Object.assign(socket, { text: () => text, ended });
}

const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await sleep(5);
};

test("pass: bytes cross both ways, and so does the end", async () => {
  const one = await client();
  one.end("hello");
  await until(() => one.text() === "hello");
  expect(await one.ended).toBe("closed");
  await until(() => proxy.connections() === 0);
});

test("through: the URL with the proxy's port", () => {
  expect(proxy.through("nats://127.0.0.1:4222")).toBe(`nats://127.0.0.1:${proxy.port}`);
  expect(proxy.through("postgres://me@127.0.0.1:1/db")).toBe(
    `postgres://me@127.0.0.1:${proxy.port}/db`,
  );
});

test("black-hole: nothing crosses, nothing is lost when the link is back", async () => {
  const one = await client();
  one.write("before ");
  await until(() => one.text() === "before ");
  proxy.set({ mode: "black-hole" });
  one.write("during ");
  const late = await client();
  late.write("late");
  await sleep(60);
  expect(one.text()).toBe("before ");
  expect(late.text()).toBe("");
  proxy.set({ mode: "pass" });
  one.write("after");
  await until(() => one.text() === "before during after" && late.text() === "late");
});

test("reset: open connections and new ones end by RST", async () => {
  const one = await client();
  one.write("x");
  await until(() => one.text() === "x");
  proxy.set({ mode: "reset" });
  expect(await one.ended).toBe("ECONNRESET");
  const next = connect(proxy.port, "127.0.0.1");
  open.push(next);
  const [error] = (await once(next, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
});

test("reset with a chance: some connections die, some live", async () => {
  proxy.set({ mode: "reset", chance: 0.5 });
  const fates = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const socket = connect(proxy.port, "127.0.0.1");
      open.push(socket);
      socket.write("x");
      return new Promise<string>((resolve) => {
        socket.once("error", () => resolve("reset"));
        socket.once("data", () => resolve("answered"));
      });
    }),
  );
  expect(new Set(fates)).toEqual(new Set(["reset", "answered"]));
});

test("delay: each way takes its time, the order stays", async () => {
  proxy.set({ mode: "delay", ms: 60, jitterMs: 20 });
  const one = await client();
  const startedAt = performance.now();
  for (let n = 0; n < 10; n++) one.write(`${n},`);
  await until(() => one.text() === "0,1,2,3,4,5,6,7,8,9,");
  // There and back, each at least 40 ms.
  expect(performance.now() - startedAt).toBeGreaterThan(79);
});

test("slice: small writes, the same bytes", async () => {
  proxy.set({ mode: "slice", maxBytes: 3 });
  const one = await client();
  const text = Array.from({ length: 200 }, (_, n) => String(n)).join("-");
  one.write(text);
  await until(() => one.text().length === text.length);
  expect(one.text()).toBe(text);
  expect(heard.length).toBeGreaterThan(1);
});

test("a server that is away: its clients are reset", async () => {
  const gone = await startProxy(1, createRandom(1));
  const socket = connect(gone.port, "127.0.0.1");
  open.push(socket);
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
  await gone.close();
});

test("close: ends what is open, even behind a black hole", async () => {
  const one = await client();
  proxy.set({ mode: "black-hole" });
  one.write("x");
  await proxy.close();
  expect(await one.ended).toBe("ECONNRESET");
  proxy = await startProxy(1, createRandom(1));
});
