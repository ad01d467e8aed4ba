import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "@signalpath/real-servers/free-port.ts";
import { afterEach, expect, test } from "vitest";

import { createPeople } from "./people.ts";
import { createRandom } from "./random.ts";
import { startSender, type SenderOptions } from "./sender.ts";

const servers: ReturnType<typeof createServer>[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Handle = (ids: string[], response: ServerResponse) => void;

async function webhook(handle: Handle): Promise<string> {
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { messageId: string };
      handle(
        [body].flat().map(({ messageId }) => messageId),
        response,
      );
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(response: ServerResponse, ids: string[], verdict: string): void {
  const results = ids.map((message_id) => ({ message_id, verdict }));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ results }));
}

function send(urls: string[], more: Partial<SenderOptions> = {}) {
  const random = createRandom(7);
  const next = createPeople("t", 5, 9, random);
  return startSender({ urls, key: "k", next, rate: 200, random, ...more });
}

test("the same seed makes the same people do the same", () => {
  const make = () => {
    const next = createPeople("t", 5, 9, createRandom(3));
    return Array.from({ length: 50 }, () => {
      const { originalTimestamp: _a, sentAt: _b, timestamp: _c, ...rest } = next();
      return rest;
    });
  };
  expect(make()).toEqual(make());
  expect(new Set(make().map(({ messageId }) => messageId)).size).toBe(50);
});

test("our trouble is tried again with the same ids until it is stored", async () => {
  const failed = new Set<string>();
  const url = await webhook((ids, response) => {
    const first = ids[0] as string;
    if (failed.has(first)) return answer(response, ids, "duplicate");
    failed.add(first);
    response.writeHead(503, { "retry-after": "1" }).end();
  });
  const sender = send([url]);
  await sleep(300);
  await sender.finish(10_000);
  const { ledger } = sender;
  expect(ledger.entries.size).toBeGreaterThan(10);
  expect(ledger.count("accepted")).toBe(ledger.entries.size);
  expect([...ledger.entries.values()].every(({ attempts }) => attempts === 2)).toBe(true);
  expect(sender.complaints).toEqual([]);
});

test("trouble that does not say when to come back is a complaint", async () => {
  let n = 0;
  const url = await webhook((ids, response) => {
    if (n++ === 0) response.writeHead(429).end("later");
    else answer(response, ids, "accepted");
  });
  const sender = send([url]);
  await sleep(150);
  await sender.finish(10_000);
  expect(sender.complaints).toEqual(["429 without Retry-After: later"]);
});

test("4xx is rejected for good, dead_lettered is dead, no answer in the end is unknown", async () => {
  const url = await webhook((ids, response) => {
    const kind = Number(/\d+$/.exec(ids[0] as string)?.[0]) % 3;
    if (kind === 0) response.writeHead(413).end();
    else if (kind === 1) answer(response, ids, "dead_lettered");
    else response.destroy();
  });
  const sender = send([url]);
  await sleep(300);
  await sender.finish(200);
  const { ledger } = sender;
  for (const fate of ["rejected", "dead", "unknown"] as const) {
    expect({ fate, count: ledger.count(fate) }).not.toEqual({ fate, count: 0 });
  }
  expect(ledger.count("accepted")).toBe(0);
});

test("a strict sender forgives a refused connection when the other instance answers", async () => {
  const url = await webhook((ids, response) => answer(response, ids, "accepted"));
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const sender = send([nobody, url], { strict: true });
  await sleep(200);
  await sender.finish(10_000);
  expect(sender.ledger.count("accepted")).toBe(sender.ledger.entries.size);
  expect(sender.complaints).toEqual([]);
});

test("a strict sender forgives nothing else", async () => {
  let n = 0;
  const url = await webhook((ids, response) => {
    if (n++ === 0) response.destroy();
    else answer(response, ids, "accepted");
  });
  const sender = send([url], { strict: true });
  await sleep(150);
  await sender.finish(10_000);
  expect(sender.complaints).toHaveLength(1);
});
