import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";

import { AUTH_FAILURE_LIMIT, serve } from "@signalpath/service-kit";
import { describe, expect, it, onTestFinished } from "vitest";

import { event, openIngest } from "./fixtures/open-ingest.ts";

const MIB = 1024 * 1024;

async function openServer() {
  const ingest = await openIngest();
  const server = await serve((request, env) => ingest.app.fetch(request, env), {
    host: "127.0.0.1",
    port: 0,
  });
  onTestFinished(() => server.drain(1_000));
  return { ...ingest, server };
}

describe("over a real socket", () => {
  it("reads plain, packed and chunked bodies", async () => {
    const { server, writeKey } = await openServer();
    const post = async (
      body: string | Uint8Array<ArrayBuffer> | ReadableStream,
      headers: Record<string, string> = {},
    ) => {
      const init = { method: "POST", headers: { "x-write-key": writeKey, ...headers }, body };
      const response = await fetch(`${server.url}/api/ingest`, { ...init, duplex: "half" });
      return (await response.json()) as { accepted: number };
    };
    expect((await post(JSON.stringify(event()))).accepted).toBe(1);
    const packed = new Uint8Array(gzipSync(JSON.stringify(event({ messageId: "b" }))));
    expect((await post(packed, { "content-encoding": "gzip" })).accepted).toBe(1);
    const parts = JSON.stringify(event({ messageId: "c" })).match(/.{1,7}/gs) ?? [];
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(Buffer.from(part));
        controller.close();
      },
    });
    expect((await post(stream)).accepted).toBe(1);
  });

  it("stops looking at keys of an address that failed too often, and says until when", async () => {
    const { server, writeKey } = await openServer();
    const post = (key: string) =>
      fetch(`${server.url}/api/ingest`, {
        method: "POST",
        headers: { "x-write-key": key },
        body: "[]",
      });
    const answers = await Promise.all(
      Array.from({ length: AUTH_FAILURE_LIMIT.count }, (_, n) => post(`guess ${n}`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    const refused = await post(writeKey);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("answers 413 to a body that is too large, declared or not", async () => {
    const { server, writeKey } = await openServer();
    const status = (headers: Record<string, string>, size: number): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const sending = httpRequest(
          `${server.url}/api/ingest`,
          { method: "POST", headers: { "x-write-key": writeKey, ...headers } },
          (answer: IncomingMessage) => {
            answer.resume();
            resolve(answer.statusCode);
            sending.destroy();
          },
        );
        sending.on("error", reject);
        sending.write(Buffer.alloc(size, " "));
      });
    expect(await status({ "content-length": `${20 * MIB}` }, 10)).toBe(413);
    expect(await status({}, 11 * MIB)).toBe(413);
  });

  it("a sender that goes away midway leaves nothing behind, others are served", async () => {
    const { server, writeKey, bus, letters } = await openServer();
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => {
        const head = `POST /api/ingest HTTP/1.1\r\nHost: x\r\nX-Write-Key: ${writeKey}\r\n`;
        socket.write(`${head}Content-Length: 500\r\n\r\n{"type":"track"`);
        setTimeout(() => socket.destroy(), 20);
      });
      socket.on("close", () => resolve());
    });
    const response = await fetch(`${server.url}/api/ingest`, {
      method: "POST",
      headers: { "x-write-key": writeKey },
      body: JSON.stringify(event()),
    });
    expect(response.status).toBe(200);
    expect(bus.stored).toHaveLength(1);
    expect(await letters()).toEqual([]);
  });
});
