import { access, constants, type FileHandle } from "node:fs/promises";

import { ModelFileError } from "@signalpath/contracts";
import {
  allocateAligned,
  MODEL_HEAD_BYTES,
  type ModelFileReader,
  UnavailableError,
} from "@signalpath/ports";

import { openInside, realRoot, systemCode, translate } from "./inside-root.ts";

/** One system call reads at most this much, bytes. */
const CHUNK = 8 * 1024 * 1024;

/** Reads artefacts below `root` (MEDIA_ROOT). Never writes. Throws as ModelFileReader says. */
export function createFileModelReader(root: string): ModelFileReader {
  return {
    stat: async (path) => {
      const { handle, stats } = await openInside(root, path);
      await handle.close();
      return { bytes: stats.size };
    },
    read: async (path, { maxBytes, alignAt }) => {
      const { handle, stats } = await openInside(root, path);
      try {
        if (stats.size > maxBytes) {
          throw new ModelFileError("MODEL_TOO_LARGE", `more than ${maxBytes} bytes`);
        }
        return await readAligned(handle, stats.size, alignAt ?? (() => 0));
      } catch (error) {
        throw translate(error);
      } finally {
        await handle.close();
      }
    },
    check: async () => {
      const real = await realRoot(root);
      await access(real, constants.R_OK | constants.X_OK).catch((error: unknown) => {
        throw new UnavailableError("files", `the media folder: ${systemCode(error)}`, {
          cause: error,
        });
      });
    },
  };
}

async function readAligned(
  handle: FileHandle,
  size: number,
  alignAt: (head: Uint8Array) => number,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const head = new Uint8Array(Math.min(size, MODEL_HEAD_BYTES));
  await fill(handle, head, 0);
  const bytes = allocateAligned(size, alignAt(head));
  bytes.set(head);
  await fill(handle, bytes.subarray(head.length), head.length);
  const after = await handle.stat();
  if (after.size !== size) throw changed();
  return bytes;
}

/** Fills `target` from `position` of the file. */
async function fill(handle: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < target.length;) {
    const length = Math.min(CHUNK, target.length - at);
    const { bytesRead } = await handle.read(target, at, length, position + at);
    if (bytesRead === 0) throw changed();
    at += bytesRead;
  }
}

function changed(): ModelFileError {
  return new ModelFileError("MODEL_FILE_CHANGED", "its size changed while it was read");
}
