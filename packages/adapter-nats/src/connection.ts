import { UnavailableError } from "@signalpath/ports";
import {
  connect,
  nkeyAuthenticator,
  type ConnectionOptions,
  type NatsConnection,
} from "@nats-io/transport-node";

export type { NatsConnection } from "@nats-io/transport-node";

export interface OpenNatsOptions {
  /** Name of the service: shown by the server, and the prefix of its inboxes. [A-Za-z0-9_-] */
  name: string;
  /** Seed of the service's nkey, where the server asks for one. */
  nkeySeed?: string;
  /** Milliseconds until the first connection counts as failed (default 5,000). */
  connectTimeoutMs?: number;
  /** Pause between attempts to reconnect, milliseconds (default 250, plus jitter). */
  reconnectWaitMs?: number;
}

/**
 * Connects to one of the servers of a comma-separated list. Afterwards it reconnects for ever: the
 * client's own default gives up after ten attempts. A dead link is noticed after 20 to 30 s.
 * Throws UnavailableError when no server answers.
 */
export async function openNats(url: string, options: OpenNatsOptions): Promise<NatsConnection> {
  const { name, nkeySeed, connectTimeoutMs = 5_000, reconnectWaitMs = 250 } = options;
  const servers = url.split(",").map((each) => each.trim());
  const settings: ConnectionOptions = {
    servers,
    name,
    inboxPrefix: `_INBOX_${name}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectWaitMs,
    reconnectJitter: reconnectWaitMs,
    pingInterval: 10_000,
    maxPingOut: 2,
    timeout: connectTimeoutMs,
    ...credentialsOf(servers[0]),
    ...(nkeySeed === undefined
      ? {}
      : { authenticator: nkeyAuthenticator(new TextEncoder().encode(nkeySeed)) }),
  };
  try {
    return await connect(settings);
  } catch (error) {
    throw unavailable(error);
  }
}

/** User and password of a URL, or its token. */
function credentialsOf(server: string | undefined): Partial<ConnectionOptions> {
  if (server === undefined || !server.includes("@")) return {};
  const { username, password } = new URL(server.includes("://") ? server : `nats://${server}`);
  if (password === "") return { token: decodeURIComponent(username) };
  return { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

/** Our trouble with NATS: the same call may succeed later. */
export function unavailable(cause: unknown): UnavailableError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new UnavailableError("nats", message, { cause });
}

/** Prefix of the inboxes that this connection's user may listen on; the client keeps it with its options. */
export function inboxPrefixOf(connection: NatsConnection): string | undefined {
  return (connection as { options?: ConnectionOptions }).options?.inboxPrefix;
}
