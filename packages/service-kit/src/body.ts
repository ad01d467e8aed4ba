import type { IncomingMessage } from "node:http";
import { Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

import { MAX_DEAD_LETTER_BYTES, MAX_REQUEST_BYTES, ServiceError } from "@signalpath/contracts";
import type { Context } from "hono";

// A map: the name comes from a header, and an object also answers to `constructor`.
const DECODERS = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["br", createBrotliDecompress],
  ["deflate", createInflate],
]);

/** A body whose compression is broken, with its bytes as they came. */
export class BrokenEncodingError extends ServiceError {
  override name = "BrokenEncodingError";
  /** The body as sent, at most `MAX_DEAD_LETTER_BYTES` of it. */
  readonly sent: Buffer;
  /** `sent` is not the whole body. */
  readonly truncated: boolean;

  constructor(encoding: string, sent: Buffer, truncated: boolean, cause: unknown) {
    super("MALFORMED_JSON", `the body is no sound ${encoding}`, { cause });
    this.sent = sent;
    this.truncated = truncated;
  }
}

/**
 * Whole request body, decompressed (gzip, br, deflate).
 * Counts decompressed bytes while they arrive, so a compression bomb stops at the cap.
 * @throws ServiceError BODY_TOO_LARGE, UNSUPPORTED_ENCODING, MALFORMED_JSON (the sender went away);
 *   BrokenEncodingError.
 */
export async function readBody(c: Context, maxBytes = MAX_REQUEST_BYTES): Promise<Buffer> {
  const declared = Number(c.req.header("content-length") ?? 0);
  const encoding = (c.req.header("content-encoding") ?? "identity").trim().toLowerCase();
  const isPlain = encoding === "identity" || encoding === "";
  const decoder = DECODERS.get(encoding);
  if (!isPlain && decoder === undefined) {
    throw new ServiceError("UNSUPPORTED_ENCODING", "content-encoding must be gzip, br or deflate");
  }
  if (declared > maxBytes) throw tooLarge(maxBytes);
  if (decoder === undefined) return collect(bodyStream(c), maxBytes);
  return unpack(bodyStream(c), decoder(), encoding, maxBytes);
}

async function unpack(
  packed: Readable,
  decoder: Transform,
  encoding: string,
  maxBytes: number,
): Promise<Buffer> {
  if (packed.destroyed) return collect(packed, maxBytes);
  const sent = keepHead(packed, MAX_DEAD_LETTER_BYTES);
  let isBroken = false;
  decoder.on("error", () => (isBroken = true));
  // A sender that went away broke nothing of what it sent.
  packed.on("close", () => {
    if (!packed.readableEnded) decoder.destroy();
  });
  packed.on("error", (error) => decoder.destroy(error));
  try {
    return await collect(packed.pipe(decoder), maxBytes);
  } catch (error) {
    if (!isBroken || packed.errored !== null) throw error;
    await sent.rest();
    throw new BrokenEncodingError(encoding, sent.bytes(), sent.truncated(), error);
  } finally {
    packed.unpipe(decoder);
    decoder.destroy();
  }
}

/** Keeps the first bytes of what flows through a stream. */
function keepHead(stream: Readable, most: number) {
  const chunks: Buffer[] = [];
  let size = 0;
  let isOver = () => {};
  stream.on("data", (chunk: Buffer) => {
    if (size < most) chunks.push(chunk.subarray(0, most - size));
    size += chunk.length;
    if (size > most) isOver();
  });
  return {
    bytes: () => Buffer.concat(chunks),
    truncated: () => size > most || !stream.readableEnded,
    /** Reads on to the end, or until there is more than is kept. */
    rest: () =>
      new Promise<void>((resolve) => {
        if (size > most || stream.readableEnded || stream.destroyed) return resolve();
        isOver = resolve;
        for (const end of ["end", "close", "error"]) stream.once(end, () => resolve());
        stream.resume();
      }),
  };
}

/** Bytes of a request as they come: the socket's own stream when there is one, since a Request's web stream costs several times more. */
export function bodyStream(c: Context): Readable {
  const incoming = (c.env as { incoming?: IncomingMessage } | undefined)?.incoming;
  if (incoming !== undefined) return incoming;
  const body = c.req.raw.body;
  return body === null ? Readable.from([]) : Readable.fromWeb(body);
}

function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError("BODY_TOO_LARGE", `the body is larger than ${maxBytes} bytes`);
}

function collect(stream: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The sender left while the request waited for its turn: no event would ever tell.
    if (stream.destroyed) {
      reject(new ServiceError("MALFORMED_JSON", "the body ended before its time"));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    // Every stream closes in the end: an error made for nothing would still capture its stack.
    let settled = false;
    const fail = (message: string, cause?: unknown): void => {
      if (settled) return;
      settled = true;
      reject(new ServiceError("MALFORMED_JSON", message, { cause }));
    };
    stream.on("data", (chunk: Buffer | string) => {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size > maxBytes) {
        stream.removeAllListeners("data");
        stream.pause();
        settled = true;
        reject(tooLarge(maxBytes));
        return;
      }
      chunks.push(bytes);
    });
    stream.on("end", () => {
      settled = true;
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    stream.on("error", (cause) => fail("the body could not be read", cause));
    stream.on("close", () => fail("the body ended before its time"));
  });
}
