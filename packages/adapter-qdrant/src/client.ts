import { RefusedError, UnavailableError } from "@signalpath/ports";
import { QdrantClient } from "@qdrant/js-client-rest";

export type { QdrantClient } from "@qdrant/js-client-rest";

export interface OpenQdrantOptions {
  apiKey?: string;
  /** A request without an answer for this long has failed, milliseconds (default 2,000). */
  timeoutMs?: number;
}

/**
 * A client of one server. Nothing is sent yet: a server that is down shows at the first call. A URL
 * without a port means 6333, one with a path is a server behind a reverse proxy.
 *
 * @throws TypeError for a text that is no http(s) URL.
 */
export function openQdrant(url: string, options: OpenQdrantOptions = {}): QdrantClient {
  const { protocol, hostname, port, pathname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") throw new TypeError("not an http(s) URL");
  const https = protocol === "https:";
  // A URL drops its scheme's own port, which here is not the default.
  const own = /^https?:\/\/[^/?#]*:(?:80|443)(?:[/?#]|$)/i.test(url) ? (https ? 443 : 80) : 6333;
  const prefix = pathname.replace(/\/+$/, "");
  return new QdrantClient({
    host: hostname,
    port: port === "" ? own : Number(port),
    https,
    ...(prefix === "" ? {} : { prefix }),
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    timeout: options.timeoutMs ?? 2_000,
    // It would ask, and print, at construction.
    checkCompatibility: false,
  });
}

/** Requests that will never be taken as they are: malformed, too large. */
const HOPELESS = new Set([400, 413, 422]);

/**
 * Runs one exchange with the server.
 * @throws RefusedError for a request it will never take, UnavailableError for everything else.
 */
export async function ask<T>(exchange: () => Promise<T>): Promise<T> {
  try {
    return await exchange();
  } catch (error) {
    const status = statusOf(error);
    const message = `${reasonOf(error)}${status === undefined ? "" : ` (${status})`}`;
    if (status !== undefined && HOPELESS.has(status)) {
      throw new RefusedError(`qdrant refuses: ${message}`, { cause: error });
    }
    throw new UnavailableError("qdrant", message, { cause: error });
  }
}

/** HTTP status of an answer that was an error. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === "number" ? status : undefined;
}

function reasonOf(error: unknown): string {
  const said = (error as { data?: { status?: { error?: unknown } } } | null)?.data?.status?.error;
  if (typeof said === "string") return said;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
