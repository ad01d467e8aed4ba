import { requireBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { runServer, serverDir, type RealServer } from "./server.ts";

/** nats-server with JetStream on file storage. `args` are added to its command line. */
export async function startNats(options: { args?: readonly string[] } = {}): Promise<RealServer> {
  const command = requireBinary("nats-server");
  const port = await freePort();
  const dir = await serverDir("nats");
  const where = ["-a", "127.0.0.1", "-p", String(port)];
  return runServer({
    url: `nats://127.0.0.1:${port}`,
    port,
    dir,
    stopSignal: "SIGTERM",
    child: {
      command,
      args: [...where, "-js", "-sd", dir, ...(options.args ?? [])],
      ready: /Server is ready/,
    },
  });
}
