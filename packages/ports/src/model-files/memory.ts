import { ModelFileError } from "@signalpath/contracts";

import { RefusedError } from "../errors.ts";
import { allocateAligned, MODEL_HEAD_BYTES } from "./align.ts";
import { modelPathParts } from "./path.ts";
import type { ModelFileReader, ModelFileWriter } from "./port.ts";

/** Keeps artefacts in the process. */
export function createMemoryModelFiles(): ModelFileReader & ModelFileWriter {
  const files = new Map<string, Uint8Array>();
  const find = (path: string): Uint8Array => {
    modelPathParts(path);
    const bytes = files.get(path);
    if (bytes === undefined) throw new ModelFileError("MODEL_FILE_MISSING", "no such file");
    return bytes;
  };
  return {
    stat: async (path) => ({ bytes: find(path).length }),
    read: async (path, { maxBytes, alignAt }) => {
      const bytes = find(path);
      if (bytes.length > maxBytes) {
        throw new ModelFileError("MODEL_TOO_LARGE", `more than ${maxBytes} bytes`);
      }
      const at = alignAt?.(bytes.subarray(0, MODEL_HEAD_BYTES)) ?? 0;
      const read = allocateAligned(bytes.length, at);
      read.set(bytes);
      return read;
    },
    check: async () => undefined,
    write: async (path, bytes) => {
      modelPathParts(path);
      const old = files.get(path);
      if (old !== undefined && !equal(old, bytes)) {
        throw new RefusedError("a file with other bytes has this path");
      }
      files.set(path, bytes.slice());
    },
  };
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
