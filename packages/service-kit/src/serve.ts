import type { Server } from "node:http";
import { Server as NetServer, type AddressInfo } from "node:net";

import { createAdaptorServer } from "@hono/node-server";

import { cutSlowSenders } from "./slow-senders.ts";

/** Longer than any common client keeps an idle connection: the client closes first. */
const KEEP_ALIVE_MS = 95_000;
/**
 * A sender slower than this loses its connection: request line and headers, then the whole request
 * unless it brings 1 MiB in every such time (`cutSlowSenders`). An idle kept-alive connection is not
 * meant.
 */
const HEADERS_MS = 15_000;
const REQUEST_MS = 60_000;
/** Slow senders are looked for this often. */
const CHECK_MS = 5_000;
/** Request line and headers together, bytes; more is 431. */
const HEADER_BYTES = 16 * 1024;
/** One more is closed as it comes: descriptors and memory have an end. */
const MAX_CONNECTIONS = 4_096;
/**
 * While draining, idle connections are left open until no request came over any of them for this
 * long: each that is used once more is closed by its answer, and its client hears of no reset.
 */
const SILENCE_MS = 1_000;
/** They are closed after this share of the drain's time at the latest. */
const LAME_DUCK_SHARE = 0.8;
const SWEEP_MS = 50;
/** A turn of the event loop shorter than this found nothing to do, milliseconds. */
const QUIET_TURN_MS = 1;
/** A busy process never has a quiet turn: after this many it goes on, turns. */
const MAX_TURNS = 200;

export interface HttpServer {
  /** `http://127.0.0.1:4000` */
  url: string;
  port: number;
  /**
   * No new connection; requests in flight are answered, at most `graceMs`. Idle connections are
   * closed too, but not at once: whoever sends over one just now would lose the request.
   */
  drain(graceMs: number): Promise<void>;
}

/** How long a sender may take, milliseconds. */
export interface Patience {
  /** Request line and headers. */
  headersMs: number;
  /** The whole request, or another 1 MiB of it. */
  requestMs: number;
  /** How often slow ones are looked for. */
  checkMs: number;
}

type Fetch = (request: Request, env: unknown) => Response | Promise<Response>;

/**
 * Listens on host and port (0 = any free one).
 * @param options.ownsProcess lets the server replace the global Request and Response by its own,
 *   which cost less an answer; only for who owns the process.
 * @param options.patience with slow senders, where it is not the usual one.
 * @param options.onCut told how many connections a drain cut with a request under way.
 * @throws when the port is taken.
 */
export async function serve(
  fetch: Fetch,
  options: {
    host: string;
    port: number;
    ownsProcess?: boolean;
    patience?: Partial<Patience>;
    onCut?: (connections: number) => void;
  },
): Promise<HttpServer> {
  const {
    headersMs = HEADERS_MS,
    requestMs = REQUEST_MS,
    checkMs = CHECK_MS,
  } = options.patience ?? {};
  const server = createAdaptorServer({
    fetch,
    overrideGlobalObjects: options.ownsProcess === true,
    serverOptions: {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: headersMs,
      // Node's own ends an upload at that time however fast it comes.
      requestTimeout: 0,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: HEADER_BYTES,
    },
  }) as Server;
  server.maxConnections = MAX_CONNECTIONS;
  cutSlowSenders(server, { requestMs, checkMs });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const onCut = options.onCut ?? (() => {});
  return { url: `http://${host}:${port}`, port, drain: (ms) => drain(server, ms, onCut) };
}

/** While draining every answer asks its client to close, so keep-alive connections end by themselves. */
async function drain(
  server: Server,
  graceMs: number,
  onCut: (connections: number) => void,
): Promise<void> {
  const began = performance.now();
  let lastRequestAt = began;
  server.prependListener("request", (_request, response) => {
    lastRequestAt = performance.now();
    if (!response.headersSent) response.setHeader("connection", "close");
  });
  const cut = setTimeout(() => {
    server.closeIdleConnections();
    server.getConnections((_error, left) => {
      if (left > 0) onCut(left);
    });
    server.closeAllConnections();
  }, graceMs);
  // The kernel completes connections that nobody has taken yet; closing resets those.
  await quietTurn();
  // The HTTP server's own close would end idle connections before it stops to listen.
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    NetServer.prototype.close.call(server, () => {
      isClosed = true;
      resolve();
    });
  });
  const sweep = async (): Promise<void> => {
    if (isClosed) return;
    // What has arrived must be read first: an idle connection may have its request in the socket.
    await quietTurn();
    const now = performance.now();
    const isSilent = now - lastRequestAt >= SILENCE_MS;
    if (isSilent || now - began >= graceMs * LAME_DUCK_SHARE) server.closeIdleConnections();
    next = setTimeout(() => void sweep(), SWEEP_MS);
  };
  let next = setTimeout(() => void sweep(), SWEEP_MS);
  await closed;
  clearTimeout(next);
  clearTimeout(cut);
}

/** Resolves behind a turn of the event loop in which nearly nothing arrived. */
async function quietTurn(): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const began = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    // The first one may end the turn that is under way and have polled for nothing.
    if (turn > 0 && performance.now() - began < QUIET_TURN_MS) return;
  }
}
