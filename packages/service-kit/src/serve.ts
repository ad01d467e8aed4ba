import type { Server } from "node:http";
import { Server as NetServer, type AddressInfo } from "node:net";

import { createAdaptorServer } from "@hono/node-server";

/** Longer than any common client keeps an idle connection: the client closes first. */
const KEEP_ALIVE_MS = 95_000;
const HEADERS_MS = 100_000;
/** A sender slower than this loses its connection. */
const REQUEST_MS = 120_000;
/** While draining an idle connection is left open this long: a request may be on its way over it. */
const LAME_DUCK_MS = 500;

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

type Fetch = (request: Request, env: unknown) => Response | Promise<Response>;

/**
 * Listens on host and port (0 = any free one).
 * @param options.ownsProcess lets the server replace the global Request and Response by its own,
 *   which cost less an answer; only for who owns the process.
 * @throws when the port is taken.
 */
export async function serve(
  fetch: Fetch,
  options: { host: string; port: number; ownsProcess?: boolean },
): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch,
    overrideGlobalObjects: options.ownsProcess === true,
    serverOptions: {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
    },
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, port, drain: (graceMs) => drain(server, graceMs) };
}

/** While draining every answer asks its client to close, so keep-alive connections end by themselves. */
async function drain(server: Server, graceMs: number): Promise<void> {
  server.prependListener("request", (_request, response) => {
    if (!response.headersSent) response.setHeader("connection", "close");
  });
  // The HTTP server's own close would end idle connections before it stops to listen.
  const closed = new Promise<void>((resolve) => {
    NetServer.prototype.close.call(server, () => resolve());
  });
  let sweep: NodeJS.Timeout | undefined;
  const lameDuck = setTimeout(() => {
    // Timers run before what has arrived is read: a busy process would take a connection for idle
    // whose request waits in the socket.
    sweep = setInterval(() => setImmediate(() => server.closeIdleConnections()), 50);
  }, LAME_DUCK_MS);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(lameDuck);
  clearInterval(sweep);
  clearTimeout(cut);
}
