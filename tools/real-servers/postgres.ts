import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { requireBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { runServer, serverDir, type RealServer } from "./server.ts";

export interface PostgresOptions {
  /** Wait for the disk at each commit (default false: enough for kill -9, not for a power cut). */
  fsync?: boolean;
  args?: readonly string[];
}

/**
 * A new Postgres cluster, reachable over loopback TCP only, superuser and database `postgres`
 * without a password. Its helper processes do not outlive it.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<RealServer> {
  const initdb = requireBinary("initdb");
  const command = requireBinary("postgres");
  const owner = unprivilegedUser();
  const port = await freePort();
  const dir = await serverDir("postgres", owner);
  const data = join(dir, "data");
  try {
    const encoding = ["--encoding=UTF8", "--locale=C", "--username=postgres"];
    await promisify(execFile)(initdb, ["-D", data, "-A", "trust", "--no-sync", ...encoding], {
      cwd: dir,
      ...owner,
    });
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: options.fsync === true ? "on" : "off",
    // A file in the data directory: nothing stays in /dev/shm after kill -9.
    dynamic_shared_memory_type: "mmap",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return runServer({
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    dir,
    stopSignal: "SIGINT",
    child: {
      command,
      args: ["-D", data, "-p", String(port), ...flags, ...(options.args ?? [])],
      ready: /database system is ready to accept connections/,
      ...owner,
    },
  });
}

/** Postgres refuses to run as root: its own user then, else nobody. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error("Postgres cannot run as root, and there is no user postgres or nobody");
}
