import { requireBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { runServer, serverDir, type RealServer } from "./server.ts";

export interface RedisOptions {
  /** Keep an append-only file, so that data survives kill -9 (default false). */
  appendonly?: boolean;
  args?: readonly string[];
}

/** redis-server without snapshots and without a unix socket. */
export async function startRedis(options: RedisOptions = {}): Promise<RealServer> {
  const command = requireBinary("redis-server");
  const port = await freePort();
  const dir = await serverDir("redis");
  const where = ["--bind", "127.0.0.1", "--port", String(port), "--dir", dir];
  const kept = ["--save", "", "--appendonly", options.appendonly === true ? "yes" : "no"];
  return runServer({
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    stopSignal: "SIGTERM",
    child: {
      command,
      args: [...where, ...kept, ...(options.args ?? [])],
      ready: /Ready to accept connections/,
    },
  });
}
