import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { deriveVector } from "@signalpath/domain";
import { RefusedError, UnavailableError } from "@signalpath/ports";
import { embeddingProviderContract } from "@signalpath/ports/contract-suites";
import { afterEach, describe, expect, it } from "vitest";

import {
  createHttpEmbeddingProvider,
  MOST_BYTES,
  type HttpEmbeddingOptions,
} from "./http-embedding-provider.ts";

const DIMENSIONS = 16;
interface Asked {
  path: string;
  key: string | undefined;
  model: string;
  input: string[];
}
type Answer = (response: ServerResponse, asked: Asked) => void;

/** As the real ones do it, rows in reverse: only the index says whose they are. */
const answerWell: Answer = (response, { input }) => {
  const data = input.map((text, index) => ({
    object: "embedding",
    index,
    embedding: deriveVector({ title: text, tags: [] }, DIMENSIONS),
  }));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ object: "list", data: data.toReversed() }));
};

/** A server on loopback; `answers` are used up first. */
async function openDouble(...answers: Answer[]) {
  const asked: Asked[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Pick<Asked, "model" | "input">;
      const one = { path: request.url ?? "", key: request.headers.authorization, ...body };
      asked.push(one);
      (answers.shift() ?? answerWell)(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = (rest: Partial<HttpEmbeddingOptions> = {}) =>
    createHttpEmbeddingProvider(fetch, {
      url,
      key: "sk-test",
      model: "small",
      dimensions: DIMENSIONS,
      pausesMs: [1, 1],
      ...rest,
    });
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { asked, url, provider, close };
}

embeddingProviderContract("HTTP", async () => {
  const double = await openDouble();
  return { provider: double.provider(), close: double.close };
});

describe("HTTP provider of vectors", () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  const open = async (...answers: Answer[]) => {
    const double = await openDouble(...answers);
    opened.push(double);
    return double;
  };
  const status = (code: number, headers: Record<string, string> = {}): Answer => {
    return (response) => response.writeHead(code, headers).end("{}");
  };
  const says = (body: unknown): Answer => {
    return (response) => response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

  it("asks in batches, with key and model, wherever the base ends", async () => {
    const { asked, provider, url } = await open();
    await provider({ batch: 2, url: `${url}/v1/` }).embed(["a b c", "d e f", "g h i"]);
    expect(asked.map(({ input }) => input.length)).toEqual([2, 1]);
    expect(asked[0]).toMatchObject({
      path: "/v1/embeddings",
      key: "Bearer sk-test",
      model: "small",
    });
  });

  it("cuts what no model reads, never through a character", async () => {
    const { asked, provider } = await open();
    await provider().embed([`${"x".repeat(7_999)}\u{1F600} and more`]);
    expect(asked[0]?.input[0]).toHaveLength(8_000);
    expect(asked[0]?.input[0]?.isWellFormed()).toBe(true);
  });

  it("puts vectors where their index says, whatever their order", async () => {
    const row = (index: number) => ({ index, embedding: Array(DIMENSIONS).fill(index + 1) });
    const { provider } = await open(says({ data: [row(2), row(0), row(1)] }));
    const vectors = await provider().embed(["a", "b", "c"]);
    expect(vectors.map(([first]) => first)).toEqual([1, 2, 3]);
  });

  it("tries again what may pass", async () => {
    const broken: Answer = (response) => response.destroy();
    const { asked, provider } = await open(status(429, { "retry-after": "0" }), broken);
    await expect(provider().embed(["text"])).resolves.toHaveLength(1);
    expect(asked).toHaveLength(3);
  });

  it("is unavailable when that does not help, or nobody answers in time", async () => {
    const { provider } = await open(status(503), status(500), status(502));
    await expect(provider().embed(["text"])).rejects.toThrow(UnavailableError);
    const silent = await open(() => undefined);
    const hasty = silent.provider({ timeoutMs: 50, pausesMs: [] });
    await expect(hasty.embed(["text"])).rejects.toThrow(UnavailableError);
  });

  it.each<[string, Answer]>([
    ["a wrong key", status(401)],
    ["another length", says({ data: [{ index: 0, embedding: [1, 2, 3] }] })],
    ["too few vectors", says({ data: [] })],
    ["an index twice or out of range", says({ data: [{ index: 1, embedding: [] }] })],
    ["what is no number", says({ data: [{ index: 0, embedding: Array(DIMENSIONS).fill("1") }] })],
    ["what is too large", says({ data: [{ index: 0, embedding: Array(DIMENSIONS).fill(1e300) }] })],
    ["no list", says({ data: "none" })],
    ["no JSON", says("<html>")],
    ["JSON that is cut", says('{"data": [{"index": 0, "embedding": [0.1, 0.')],
    [
      "NaN",
      says(`{"data": [{"index": 0, "embedding": [${Array(DIMENSIONS).fill("NaN").join()}]}]}`),
    ],
    ["null for a number", says({ data: [{ index: 0, embedding: Array(DIMENSIONS).fill(null) }] })],
    ["more than any vectors need", (response) => response.end(" ".repeat(MOST_BYTES + 1))],
    ["a redirect elsewhere", status(302, { location: "http://127.0.0.1:9/" })],
  ])("uses nothing of an answer with %s", async (what, answer) => {
    const { asked, provider } = await open(answer);
    const kind = what === "a redirect elsewhere" ? UnavailableError : RefusedError;
    const refused = provider({ pausesMs: [] }).embed(["text"]);
    await expect(refused).rejects.toThrow(kind);
    await refused.catch((error: Error) => expect(error.message).not.toContain("sk-test"));
    expect(asked).toHaveLength(1);
  });
});
