import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";

const LEAST = 15_000;
const ATTEMPTS = 100;

/**
 * A TCP port of 127.0.0.1 that was free a moment ago. It lies below the range the kernel gives to
 * outgoing connections, of which a loaded test run has thousands: a port from within that range may
 * be somebody's before a server listens on it, or while it is down.
 */
export async function freePort(): Promise<number> {
  const end = await ephemeralStart();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LEAST, end);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port between ${LEAST} and ${end}`);
}

/** Where the kernel's own ports begin; 32,768 where it does not say. */
async function ephemeralStart(): Promise<number> {
  const range = await readFile("/proc/sys/net/ipv4/ip_local_port_range", "utf8").catch(() => "");
  const start = Number(range.split(/\s+/)[0]);
  return start > LEAST + 1_000 ? start : 32_768;
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
