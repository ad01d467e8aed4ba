import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { ModelFileError } from "@signalpath/contracts";
import {
  modelPathParts,
  type ModelFileReader,
  type ModelFileWriter,
  RefusedError,
} from "@signalpath/ports";

import { realRoot, translate } from "./inside-root.ts";
import { createFileModelReader } from "./reader.ts";

/** Readable by the group: the one who serves need not be the one who trains. */
const MODE = 0o640;

/**
 * Writes artefacts below `root`: temporary file in the same folder, fsync, rename, fsync of the
 * folder. Throws as ModelFileWriter says, UnavailableError when the disk refuses.
 */
export function createFileModelWriter(root: string): ModelFileWriter {
  const reader = createFileModelReader(root);
  return {
    write: async (path, bytes) => {
      const parts = modelPathParts(path);
      if (await isThere(reader, path, bytes)) return;
      try {
        const folder = await makeFolder(await realRoot(root), parts.slice(0, -1));
        await writeWhole(folder, parts.at(-1) as string, bytes);
      } catch (error) {
        throw translate(error);
      }
    },
  };
}

async function isThere(reader: ModelFileReader, path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const old = await reader.read(path, { maxBytes: bytes.length });
    if (Buffer.compare(old, bytes) === 0) return true;
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    if (error.code === "MODEL_FILE_MISSING") return false;
    if (error.code !== "MODEL_TOO_LARGE") throw error;
  }
  throw new RefusedError("a file with other bytes has this path");
}

/** Makes the folders one by one, so that none of them is a link. */
async function makeFolder(root: string, parts: readonly string[]): Promise<string> {
  let folder = root;
  for (const part of parts) {
    const parent = folder;
    folder = join(parent, part);
    if ((await mkdir(folder, { recursive: true })) !== undefined) await syncFolder(parent);
    if (!(await lstat(folder)).isDirectory()) {
      throw new ModelFileError("MODEL_PATH_REFUSED", "a folder of the path is a link");
    }
  }
  return folder;
}

async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, `.${name}.${randomUUID()}`);
  try {
    const handle = await open(temporary, "wx", MODE);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, join(folder, name));
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
