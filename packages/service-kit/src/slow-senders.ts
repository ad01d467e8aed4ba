import type { IncomingMessage, Server, ServerResponse } from "node:http";

/** A request that brings at least this much in every stretch of its time may go on, bytes. */
const MIN_BYTES = 1024 * 1024;

interface Arrival {
  request: IncomingMessage;
  response: ServerResponse;
  /** Begin of the stretch, and what the connection had brought by then. */
  since: number;
  bytes: number;
}

/**
 * Cuts requests (408) whose body is not whole after `requestMs`, unless they brought 1 MiB in that
 * time and again in every following `requestMs`: a large upload takes as long as it takes, a body
 * that drips holds no connection. Time in which we did not read counts for nobody.
 * @returns how many bodies are on their way.
 */
export function cutSlowSenders(
  server: Server,
  { requestMs, checkMs }: { requestMs: number; checkMs: number },
): () => number {
  const arriving = new Set<Arrival>();
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const declared = request.headers["content-length"];
    const isWhole = declared === undefined && request.headers["transfer-encoding"] === undefined;
    if (isWhole || declared === "0") return;
    const { bytesRead } = request.socket;
    arriving.add({ request, response, since: performance.now(), bytes: bytesRead });
  });
  const timer = setInterval(() => {
    const now = performance.now();
    for (const arrival of arriving) {
      const { request, response } = arrival;
      const { socket } = request;
      if (request.complete || socket.destroyed) arriving.delete(arrival);
      else if (isWaitingForUs(request)) restart(arrival, now);
      else if (now - arrival.since >= requestMs) {
        if (socket.bytesRead - arrival.bytes >= MIN_BYTES) restart(arrival, now);
        else {
          arriving.delete(arrival);
          cut(request, response);
        }
      }
    }
  }, checkMs);
  timer.unref();
  server.once("close", () => clearInterval(timer));
  return () => arriving.size;
}

/** What arrived fills the buffer: the connection is not read until somebody takes it. */
function isWaitingForUs(request: IncomingMessage): boolean {
  return request.readableLength >= request.readableHighWaterMark;
}

function restart(arrival: Arrival, now: number): void {
  arrival.since = now;
  arrival.bytes = arrival.request.socket.bytesRead;
}

function cut({ socket }: IncomingMessage, response: ServerResponse): void {
  if (!response.headersSent && socket.writable) {
    socket.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
  }
  socket.destroySoon();
}
