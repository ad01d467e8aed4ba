import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";

/**
 * What a link does to the bytes that cross it.
 * pass: nothing. black-hole: takes connections and keeps everything back until the mode changes, as
 * a cable that was pulled out does. reset: ends connections by RST, each chunk with this chance
 * (default 1). delay: each chunk waits `ms` +- `jitterMs`. slice: writes of 1 to `maxBytes` bytes.
 */
export type LinkMode =
  | { mode: "pass" }
  | { mode: "black-hole" }
  | { mode: "reset"; chance?: number }
  | { mode: "delay"; ms: number; jitterMs: number }
  | { mode: "slice"; maxBytes: number };

export interface Proxy {
  readonly port: number;
  /** The URL of the server with the proxy's place instead. */
  through(url: string): string;
  set(mode: LinkMode): void;
  /** Open pairs of connections. */
  connections(): number;
  close(): Promise<void>;
}

const CHUNK_BYTES = 64 * 1024;

/**
 * A TCP proxy on a free loopback port before a server on `targetPort`.
 * @param random [0, 1): decides jitter, chances and lengths.
 */
export async function startProxy(targetPort: number, random: () => number): Promise<Proxy> {
  const pairs = new Set<Pair>();
  let mode: LinkMode = { mode: "pass" };
  const waiting: (() => void)[] = [];
  let closed = false;

  async function untilOpen(): Promise<void> {
    for (;;) {
      if (mode.mode !== "black-hole" || closed) return;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  const isReset = (): boolean => mode.mode === "reset" && random() < (mode.chance ?? 1);

  /** @returns false when the link died of it. */
  async function carry(chunk: Buffer, to: Socket): Promise<boolean> {
    await untilOpen();
    if (isReset()) return false;
    if (mode.mode === "delay") {
      await sleep(Math.max(0, mode.ms + (random() * 2 - 1) * mode.jitterMs));
    }
    for (let at = 0; at < chunk.length && !to.destroyed;) {
      const length = mode.mode === "slice" ? 1 + Math.floor(random() * mode.maxBytes) : CHUNK_BYTES;
      if (!to.write(chunk.subarray(at, at + length))) await once(to, "drain");
      at += length;
      // One write, one turn: else the kernel gets them together.
      if (mode.mode === "slice") await turn();
    }
    return true;
  }

  async function pump(from: Socket, to: Socket, pair: Pair): Promise<void> {
    try {
      // The end of one direction must not destroy the socket that the other one still writes to.
      for await (const chunk of from.iterator({ destroyOnReturn: false })) {
        if (!(await carry(chunk as Buffer, to))) return pair.reset();
      }
      await untilOpen();
      to.end();
    } catch {
      pair.reset(); // One end broke: the other end sees the same.
    }
  }

  async function join(client: Socket): Promise<void> {
    const upstream = { socket: undefined as Socket | undefined };
    const pair: Pair = {
      reset() {
        pairs.delete(pair);
        client.resetAndDestroy();
        upstream.socket?.resetAndDestroy();
      },
    };
    pairs.add(pair);
    // Errors end the pumps; an event without a listener would end the process.
    client.on("error", () => pair.reset());
    await untilOpen();
    if (closed || isReset()) return pair.reset();
    const server = connect({ host: "127.0.0.1", port: targetPort, allowHalfOpen: true });
    upstream.socket = server.setNoDelay(true);
    server.on("error", () => pair.reset());
    await Promise.all([pump(client, server, pair), pump(server, client, pair)]);
    pairs.delete(pair);
  }

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    void join(client);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;

  function change(next: LinkMode): void {
    mode = next;
    for (const resume of waiting.splice(0)) resume();
  }

  return {
    port,
    through(url) {
      const moved = new URL(url);
      moved.port = String(port);
      // A URL without a path would gain a slash.
      return url.endsWith("/") ? moved.href : moved.href.replace(/\/$/, "");
    },
    set(next) {
      change(next);
      // A link that dies at once takes what is open with it.
      if (next.mode === "reset" && next.chance === undefined)
        for (const pair of pairs) pair.reset();
    },
    connections: () => pairs.size,
    async close() {
      closed = true;
      const gone = once(listener, "close");
      listener.close();
      change({ mode: "pass" });
      for (const pair of pairs) pair.reset();
      await gone;
    },
  };
}

interface Pair {
  reset(): void;
}
