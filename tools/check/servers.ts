import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

/** Debian package -> how to tell that it is there. */
const PACKAGES: Record<string, () => boolean> = {
  "nats-server": () => onPath("nats-server"),
  "redis-server": () => onPath("redis-server"),
  chromium: () => onPath("chromium"),
  postgresql: () =>
    existsSync("/usr/lib/postgresql") &&
    readdirSync("/usr/lib/postgresql").some((version) =>
      existsSync(`/usr/lib/postgresql/${version}/bin/initdb`),
    ),
};

function onPath(binary: string): boolean {
  return (process.env["PATH"] ?? "")
    .split(":")
    .concat("/usr/sbin")
    .some((folder) => existsSync(`${folder}/${binary}`));
}

/**
 * Installs the servers and the browser that tests use, where this can be done: as root on Debian.
 * @returns the packages that are still missing; their suites are skipped by name.
 */
export function ensureServers(): string[] {
  const missing = () => Object.keys(PACKAGES).filter((name) => PACKAGES[name]?.() !== true);
  const wanted = missing();
  if (wanted.length === 0) return [];
  if (process.getuid?.() !== 0 || !onPath("apt-get")) return wanted;
  console.log(`installing ${wanted.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = () =>
    spawnSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...wanted], {
      env,
      encoding: "utf8",
    });
  let done = install();
  if (done.status !== 0) {
    spawnSync("apt-get", ["update", "-q"], { env });
    done = install();
  }
  if (done.status !== 0) console.error(done.stderr);
  return missing();
}
