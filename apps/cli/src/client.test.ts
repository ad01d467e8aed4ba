import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { createClient } from "./client.ts";
import { CliError, EXIT } from "./exit-codes.ts";
import {
  createTestIo,
  startScriptedServer,
  type Reply,
  type ScriptedServer,
} from "./test-server.ts";

const call = {
  method: "POST",
  path: "/x",
  body: [1],
  response: z.object({ ok: z.boolean() }),
} as const;
const ok: Reply = { body: { ok: true } };
let server: ScriptedServer | undefined;
afterEach(() => server?.close());

async function scripted(replies: readonly Reply[], giveUpMs = 60_000) {
  server = await startScriptedServer((_, count) => replies[count - 1] ?? ok);
  const io = createTestIo();
  const client = createClient(io, { url: server.url, auth: { "x-test": "1" }, giveUpMs });
  return { io, client, server };
}

describe("createClient", () => {
  it("tries again on 429, 503 and a cut connection, with growing pauses", async () => {
    const { io, client, server } = await scripted([
      { status: 429 },
      { status: 503 },
      { cut: true },
    ]);
    expect(await client.call(call)).toEqual({ ok: true });
    expect(server.seen).toHaveLength(4);
    expect(server.seen.every((seen) => JSON.stringify(seen.body) === "[1]")).toBe(true);
    const [first, second, third] = io.pauses as [number, number, number];
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
  });

  it("waits at least as long as Retry-After says, in seconds or as a date", async () => {
    const date = new Date(Date.parse("2026-06-12T12:00:27.000Z")).toUTCString();
    const { io, client } = await scripted([
      { status: 503, headers: { "retry-after": "7" } },
      { status: 429, headers: { "retry-after": date } },
    ]);
    await client.call(call);
    expect(io.pauses).toEqual([7_000, 20_000]);
  });

  it("gives up after the time allowed, with the service's code and exit 4", async () => {
    const body = { detail: "try later", code: "BUS_FULL", request_id: "request-1" };
    const { io, client } = await scripted(
      Array.from({ length: 50 }, () => ({ status: 503, body })),
      5_000,
    );
    const error = await client.call(call).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CliError);
    expect(error).toMatchObject({ code: "BUS_FULL", exitCode: EXIT.unavailable });
    expect(io.pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThanOrEqual(5_000);
  });

  it("does not try again what is refused, and says why", async () => {
    const body = {
      detail: "the request is not valid",
      code: "VALIDATION_FAILED",
      request_id: "request-1",
      errors: [{ path: "items.0.title", message: "required" }],
    };
    const { client, server } = await scripted([{ status: 422, body }]);
    const error = await client.call(call).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "VALIDATION_FAILED", exitCode: EXIT.refused });
    expect((error as Error).message).toContain("items.0.title: required");
    expect(server.seen).toHaveLength(1);
  });

  it("is stopped by Ctrl-C while a file is sent, and asks nothing more", async () => {
    const io = createTestIo();
    server = await startScriptedServer(() => {
      io.stop.abort();
      return new Promise<Reply>(() => {});
    });
    const client = createClient(io, { url: server.url, auth: {}, giveUpMs: 60_000 });
    const raw = () => ({ body: new Uint8Array([49]), type: "application/octet-stream" });
    const { body: _, ...bare } = call;
    await expect(client.call({ ...bare, raw })).rejects.toMatchObject({
      code: "INTERRUPTED",
      exitCode: EXIT.interrupted,
    });
    expect(server.seen).toHaveLength(1);
    expect(io.pauses).toEqual([]);
  });

  it("says no reason twice", async () => {
    const errors = [{ path: "MODEL_TRUNCATED", message: "it is cut" }];
    const body = { detail: "MODEL_TRUNCATED: it is cut", code: "MODEL_FILE_REFUSED", errors };
    const { client } = await scripted([{ status: 422, body: { ...body, request_id: "r" } }]);
    await expect(client.call(call)).rejects.toMatchObject({ message: body.detail });
  });

  it("never follows a redirect", async () => {
    const { client, server } = await scripted(
      [
        { status: 302, headers: { location: "/elsewhere" } },
        ...Array.from({ length: 50 }, () => ({ status: 302, headers: { location: "/elsewhere" } })),
      ],
      1_000,
    );
    await expect(client.call(call)).rejects.toMatchObject({ exitCode: EXIT.unavailable });
    expect(server.seen.every((seen) => seen.path === "/x")).toBe(true);
  });

  it("names a service that is not there", async () => {
    const { client, server } = await scripted([], 0);
    await server.close();
    await expect(client.call(call)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  });

  it("refuses an answer that no Signalpath service gives", async () => {
    const { client } = await scripted([{ body: { hello: "world" } }]);
    await expect(client.call(call)).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER" });
  });
});
