import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

import { MAX_REQUEST_BYTES, ServiceError } from "@signalpath/contracts";
import type { Context } from "hono";

const DECODERS = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
} as const;

/**
 * Whole request body, decompressed (gzip, br, deflate).
 * Counts decompressed bytes while they arrive, so a compression bomb stops at the cap.
 * @throws ServiceError BODY_TOO_LARGE, UNSUPPORTED_ENCODING, MALFORMED_JSON (broken compression).
 */
export async function readBody(c: Context, maxBytes = MAX_REQUEST_BYTES): Promise<Buffer> {
  const declared = Number(c.req.header("content-length") ?? 0);
  const encoding = (c.req.header("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") {
    if (declared > maxBytes) throw tooLarge(maxBytes);
    return collect(source(c), maxBytes);
  }
  const decoder = DECODERS[encoding as keyof typeof DECODERS];
  if (decoder === undefined) {
    throw new ServiceError("UNSUPPORTED_ENCODING", "content-encoding must be gzip, br or deflate");
  }
  if (declared > maxBytes) throw tooLarge(maxBytes);
  const inflated = source(c)
    .on("error", (error) => inflated.destroy(error))
    .pipe(decoder());
  return collect(inflated, maxBytes);
}

/** The socket's own stream when there is one: a Request's web stream costs several times more. */
function source(c: Context): Readable {
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
