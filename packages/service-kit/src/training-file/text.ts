import { Transform, type Readable, type TransformCallback } from "node:stream";
import { createGunzip } from "node:zlib";

import { ServiceError } from "@signalpath/contracts";

/**
 * Bytes of a file as text: gunzipped when they are gzip, whatever the file is called. The text is
 * cut wherever the bytes were.
 * @param maxBytes most bytes before and after decompression.
 * @throws ServiceError BODY_TOO_LARGE; VALIDATION_FAILED for broken gzip or UTF-8.
 */
export async function* textOf(source: Readable, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const bytes = await unpacked(source, maxBytes);
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      const text = decode(decoder, chunk);
      if (text !== "") yield text;
    }
    yield decode(decoder);
  } finally {
    bytes.destroy();
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk?: Buffer): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw new ServiceError("VALIDATION_FAILED", "the file is not valid UTF-8", { cause });
  }
}

async function unpacked(source: Readable, maxBytes: number): Promise<Readable> {
  const counter = cap(maxBytes);
  const cutOff = (cause?: unknown): void => {
    const error = new ServiceError("VALIDATION_FAILED", "the upload was cut off", { cause });
    counter.destroy(cause instanceof ServiceError ? cause : error);
  };
  source.on("error", cutOff).on("close", () => {
    if (!source.readableEnded) cutOff();
  });
  source.pipe(counter);
  const head = await firstBytes(counter);
  if (head?.[0] !== 0x1f || head[1] !== 0x8b) return counter;
  const gunzip = createGunzip();
  const after = cap(maxBytes);
  counter.on("error", (error) => gunzip.destroy(error));
  gunzip.on("error", (cause: NodeJS.ErrnoException) => {
    const isOurs = !(cause.code ?? "").startsWith("Z_");
    after.destroy(
      isOurs
        ? cause
        : new ServiceError("VALIDATION_FAILED", "the file is not valid gzip", { cause }),
    );
  });
  return counter.pipe(gunzip).pipe(after);
}

/** The first chunk, put back; undefined when there is none. */
async function firstBytes(stream: Readable): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      const chunk: unknown = stream.read();
      if (chunk === null && !stream.readableEnded) return;
      for (const [name, listener] of Object.entries(listeners)) stream.off(name, listener);
      if (chunk === null) resolve(undefined);
      else {
        stream.unshift(chunk);
        resolve(chunk as Buffer);
      }
    };
    const fail = (error: unknown): void => {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- passes the stream's own error on
      reject(error);
    };
    const listeners = { readable: settle, end: settle, error: fail };
    for (const [name, listener] of Object.entries(listeners)) stream.on(name, listener);
  });
}

function cap(maxBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      seen += chunk.length;
      if (seen <= maxBytes) done(null, chunk);
      else {
        const message = `the file is larger than ${maxBytes} bytes, decompressed`;
        done(new ServiceError("BODY_TOO_LARGE", message));
      }
    },
  });
}
