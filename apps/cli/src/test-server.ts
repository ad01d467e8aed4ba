import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { Io } from "./io.ts";

/** One request as the scripted server saw it. */
export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: unknown;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Cuts the connection instead of answering. */
  cut?: boolean;
}

export interface ScriptedServer {
  url: string;
  seen: Seen[];
  close(): Promise<void>;
}

/** An HTTP server on loopback that answers what a script says. For tests of this app only. */
export async function startScriptedServer(
  script: (request: Seen, count: number) => Reply | Promise<Reply>,
): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const request: Seen = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
    seen.push(request);
    const reply = await script(request, seen.length);
    if (reply.cut === true) {
      incoming.socket.destroy();
      return;
    }
    outgoing.writeHead(reply.status ?? 200, {
      "content-type": "application/json",
      ...reply.headers,
    });
    outgoing.end(JSON.stringify(reply.body ?? {}));
  }
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface TestIo extends Io {
  stdout: () => string;
  stderr: () => string;
  /** Pauses asked for, milliseconds. */
  pauses: number[];
  stop: AbortController;
}

/** An Io whose time passes only by sleeping. */
export function createTestIo(env: Record<string, string> = {}): TestIo {
  let out = "";
  let err = "";
  let clock = Date.parse("2026-06-12T12:00:00.000Z");
  const pauses: number[] = [];
  const stop = new AbortController();
  return {
    env,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    interactive: false,
    fetch,
    now: () => clock,
    random: () => 0.5,
    sleep: async (ms) => {
      pauses.push(ms);
      clock += ms;
    },
    signal: stop.signal,
    stdout: () => out,
    stderr: () => err,
    pauses,
    stop,
  };
}

/** What ingest answers when it stores everything it has not seen. */
export function ingestAnswer(stored: Set<string>, body: unknown): unknown {
  const events = body as { messageId: string }[];
  const results = events.map(({ messageId }) => {
    const verdict = stored.has(messageId) ? "duplicate" : "accepted";
    stored.add(messageId);
    return { message_id: messageId, verdict };
  });
  const duplicates = results.filter((result) => result.verdict === "duplicate").length;
  return {
    received: events.length,
    accepted: events.length - duplicates,
    duplicates,
    ignored: 0,
    expired: 0,
    dead_lettered: 0,
    results,
  };
}
