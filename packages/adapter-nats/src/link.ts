import type { NatsConnection } from "./connection.ts";

/** Whether the connection is up, and who wants to know that it is back. */
export interface Link {
  up(): boolean;
  onReconnect(listener: () => void): () => void;
}

/** Follows the status of a connection until it is closed. */
export function watchLink(connection: NatsConnection, onError: (error: unknown) => void): Link {
  const listeners = new Set<() => void>();
  let up = !connection.isClosed();

  async function follow(): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === "disconnect" || type === "staleConnection") up = false;
      if (type !== "reconnect") continue;
      up = true;
      for (const listener of listeners) listener();
    }
    up = false;
  }
  follow().catch(onError);

  return {
    up: () => up && !connection.isClosed() && !connection.isDraining(),
    onReconnect(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
