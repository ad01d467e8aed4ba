import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Memory of a process that lies in RAM, MiB; 0 when it is gone. */
export function rssMib(pid: number | undefined): number {
  const status = read(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}

/** Open file descriptors of a process, but for connections that clients hold to its port. */
export function descriptors(pid: number | undefined, port: number): number {
  const inbound = new Set(inodesOn(`/proc/${pid}/net/tcp`, port));
  for (const inode of inodesOn(`/proc/${pid}/net/tcp6`, port)) inbound.add(inode);
  let count = 0;
  for (const name of list(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${name}`))?.[1];
    if (inode === undefined || !inbound.has(inode)) count++;
  }
  return count;
}

/** Sockets whose own end is that port. */
function* inodesOn(table: string, port: number): Generator<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of read(table).split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const inode = fields[9];
    if (fields[1]?.endsWith(suffix) === true && inode !== undefined) yield inode;
  }
}

// What is closed while it is looked at is not there.
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
