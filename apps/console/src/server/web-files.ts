import { readdir, readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
/** Smaller than this, packing saves nothing, bytes. */
const PACKED_FROM = 1_024;

export interface WebFile {
  type: string;
  plain: Uint8Array<ArrayBuffer>;
  /** The same by gzip; absent where that is not smaller. */
  packed?: Uint8Array<ArrayBuffer>;
}

/**
 * The built files, read and packed once.
 * @returns path as it is asked for (`/index.html`) -> file; nothing else is ever read from disk.
 */
export async function loadWebFiles(folder: string): Promise<ReadonlyMap<string, WebFile>> {
  const files = new Map<string, WebFile>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const type = TYPES[extname(entry.name)];
    if (type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const plain = new Uint8Array(await readFile(path));
    const packed = plain.length < PACKED_FROM ? plain : new Uint8Array(await pack(plain));
    const name = path.slice(folder.length).split(sep).join("/");
    files.set(name, { type, plain, ...(packed.length < plain.length ? { packed } : {}) });
  }
  return files;
}

const pack = promisify(gzip);
