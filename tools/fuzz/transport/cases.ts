import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { exchange, type Exchange } from "./raw.ts";

const MIB = 1024 * 1024;
/** Slow senders at one time. */
const SLOW = 50;

/** What one kind of ill-mannered client does. */
export interface TransportCase {
  name: string;
  /** Statuses the server may answer with; none at all = it may just close. */
  statuses: readonly number[];
  run(port: number, key: string): Promise<Exchange[]>;
}

const EVENT = JSON.stringify({
  type: "track",
  event: "Product Viewed",
  userId: "u",
  properties: { product_id: "i1" },
});

function head(key: string, lines: readonly string[], version = "1.1", method = "POST"): string {
  const all = [
    `${method} /api/ingest HTTP/${version}`,
    "Host: fuzz",
    `X-Write-Key: ${key}`,
    ...lines,
  ];
  return `${all.join("\r\n")}\r\n\r\n`;
}

const closing = "Connection: close";
const sized = (bytes: number | string): string => `Content-Length: ${bytes}`;
const chunked = "Transfer-Encoding: chunked";

/** One connection that writes this and waits for the end. */
function once(
  name: string,
  statuses: readonly number[],
  text: (key: string) => string | Buffer,
): TransportCase {
  const run = async (port: number, key: string) => [
    await exchange(port, (socket) => void socket.write(text(key))),
  ];
  return { name, statuses, run };
}

function bomb(name: string, encoding: string, bytes: Buffer, status: number): TransportCase {
  return once(name, [status], (key) =>
    Buffer.concat([
      Buffer.from(head(key, [closing, sized(bytes.length), `Content-Encoding: ${encoding}`])),
      bytes,
    ]),
  );
}

/** Many connections that begin a request and drip on until the server has had enough. */
function slow(name: string, first: (key: string) => string, drip: string): TransportCase {
  const send = (port: number, key: string) =>
    exchange(port, async (socket) => {
      socket.write(first(key));
      if (drip === "") return;
      while (!socket.destroyed) {
        await pause(100);
        if (!socket.destroyed) socket.write(drip);
      }
    });
  return {
    name,
    statuses: [408],
    run: (port, key) => Promise.all(Array.from({ length: SLOW }, () => send(port, key))),
  };
}

function brotli(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
}

function pipelined(count: number): TransportCase {
  return {
    name: `${count} requests in one go on one connection`,
    statuses: [200],
    run: async (port, key) => [
      await exchange(
        port,
        (socket) => void socket.write(`${head(key, [sized(EVENT.length)])}${EVENT}`.repeat(count)),
        ({ statuses }) => statuses.length >= count,
      ),
    ],
  };
}

function vanishing(name: string, leave: (socket: Socket) => void): TransportCase {
  const send = (port: number, key: string) =>
    exchange(port, async (socket) => {
      socket.write(`${head(key, [sized(EVENT.length)])}${EVENT}`);
      leave(socket);
    });
  return {
    name,
    statuses: [200, 400],
    run: (port, key) => Promise.all(Array.from({ length: SLOW }, () => send(port, key))),
  };
}

/** Every kind; made anew for each run, since bombs are large. */
export function transportCases(): TransportCase[] {
  const zeros = Buffer.alloc(256 * MIB);
  const small = brotli(zeros);
  const gzip = gzipSync(zeros.subarray(0, 64 * MIB), { level: 6 });
  const body = (key: string, lines: readonly string[], version?: string) =>
    `${head(key, [closing, ...lines], version)}${EVENT}`;
  return [
    slow("headers, a line every 100 ms", (key) => head(key, []).slice(0, -2), "X-More: 1\r\n"),
    slow("a body, a byte every 100 ms", (key) => head(key, [sized(100_000)]), " "),
    slow("a body that never ends", (key) => `${head(key, [sized(100_000)])}{`, ""),
    slow("a chunk that never ends", (key) => `${head(key, [chunked])}ff\r\n{`, ""),
    slow("a connection that says nothing", () => "", ""),
    once("Content-Length one short", [400], (key) => body(key, [sized(EVENT.length - 1)])),
    once("Content-Length negative", [400], (key) => body(key, [sized(-1)])),
    once("Content-Length no number", [400], (key) => body(key, [sized("0x10")])),
    once("Content-Length beyond 2^64", [400, 413], (key) => body(key, [sized("9".repeat(30))])),
    once("Content-Length 1 TB", [413], (key) => body(key, [sized(1e12)])),
    once("two different Content-Lengths", [400], (key) =>
      body(key, [sized(1), sized(EVENT.length)]),
    ),
    once("Content-Length and chunked", [400], (key) => body(key, [sized(5), chunked])),
    once(
      "a chunk size that is none",
      [400],
      (key) => `${head(key, [closing, chunked])}zz\r\n{}\r\n0\r\n\r\n`,
    ),
    once(
      "a chunk size beyond 2^64",
      [400],
      (key) => `${head(key, [closing, chunked])}${"f".repeat(30)}\r\n`,
    ),
    once(
      "a chunk longer than it says",
      [400],
      (key) => `${head(key, [closing, chunked])}1\r\n{}{}{}\r\n0\r\n\r\n`,
    ),
    once(
      "a gigantic chunk extension",
      [400, 413],
      (key) => `${head(key, [closing, chunked])}2;${"x".repeat(40_000)}\r\n{}\r\n0\r\n\r\n`,
    ),
    once("1,500 headers", [200, 431], (key) =>
      body(key, [...Array.from({ length: 1_500 }, (_, n) => `X-${n}: ${n}`), sized(EVENT.length)]),
    ),
    once("a header of 100 kB", [431], (key) =>
      body(key, [`X-Long: ${"x".repeat(100_000)}`, sized(EVENT.length)]),
    ),
    once("a header with a bare line feed", [400], (key) =>
      body(key, ["X-A: 1\nX-B: 2\rX-C: 3", sized(EVENT.length)]),
    ),
    once("no HTTP at all", [400], () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    once(
      "a target with every odd byte",
      [400],
      () => "GET /api/content/\x00\x7f\xff HTTP/1.1\r\nHost: f\r\n\r\n",
    ),
    once(
      "dots in the target",
      [401, 404],
      () => `GET /api/content/../../etc/passwd HTTP/1.1\r\nHost: f\r\n${closing}\r\n\r\n`,
    ),
    once(
      "an absolute target of another host",
      [400, 401, 404, 405],
      () => `GET http://elsewhere/api/ingest HTTP/1.1\r\nHost: f\r\n${closing}\r\n\r\n`,
    ),
    once("no host", [400], () => `GET /api/ingest HTTP/1.1\r\n${closing}\r\n\r\n`),
    once(
      "a host that is none",
      [400, 405],
      () => `GET /api/ingest HTTP/1.1\r\nHost: a b/../@:\r\n${closing}\r\n\r\n`,
    ),
    once("HTTP/1.0", [200], (key) => body(key, [sized(EVENT.length)], "1.0")),
    once("HTTP/9.9", [400], (key) => body(key, [sized(EVENT.length)], "9.9")),
    once(
      "CONNECT",
      [400, 404, 405],
      () => "CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n",
    ),
    once("an upgrade nobody offers", [200], (key) =>
      body(key, ["Upgrade: h2c", sized(EVENT.length)]),
    ),
    bomb("256 MiB in a few hundred bytes", "br", small, 413),
    bomb("64 MiB in 64 kB", "gzip", gzip, 413),
    bomb("a bomb in a bomb", "br", brotli(small), 400),
    bomb("a bomb said to be in a bomb", "br, br", brotli(small), 415),
    pipelined(100),
    vanishing("a client that closes its side", (socket) => void socket.end()),
    vanishing("a client that is gone before its answer", (socket) => void socket.destroy()),
    vanishing("a client that resets", (socket) => void socket.resetAndDestroy()),
  ];
}
