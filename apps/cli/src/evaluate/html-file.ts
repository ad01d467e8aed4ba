import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { usageError, type CliError } from "../exit-codes.ts";

/**
 * Refuses a file that could not be written, before anything is computed for it; makes none.
 * @throws CliError naming the file.
 */
export async function assertWritable(file: string): Promise<void> {
  try {
    const isThere = await stat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (isThere?.isDirectory() === true) throw new Error("it is a folder");
    await access(isThere === undefined ? dirname(file) : file, constants.W_OK);
  } catch (cause) {
    throw writeError(file, cause);
  }
}

/** @throws CliError naming the file. */
export async function writePage(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page);
  } catch (cause) {
    throw writeError(file, cause);
  }
}

function writeError(file: string, cause: unknown): CliError {
  return usageError(`${file} cannot be written: ${(cause as Error).message}`);
}
