import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { join } from "node:path";

import { ModelFileError } from "@signalpath/contracts";
import { modelPathParts, UnavailableError } from "@signalpath/ports";

/** Never follow a link at the end, never wait for the other side of a pipe. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const ABSENT = new Set(["ENOENT", "ENOTDIR"]);

/** The code of a system error, if it is one. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** What a failed system call means to the caller. No message names a path of this machine. */
export function translate(error: unknown): Error {
  if (error instanceof ModelFileError || error instanceof UnavailableError) return error;
  const code = systemCode(error);
  if (ABSENT.has(code)) return new ModelFileError("MODEL_FILE_MISSING", "no such file");
  if (code === "ELOOP") return refused("a link");
  return new UnavailableError("files", `the media folder: ${code || "unreadable"}`, {
    cause: error,
  });
}

function refused(what: string): ModelFileError {
  return new ModelFileError("MODEL_PATH_REFUSED", `${what} is not an artefact`);
}

/** The root without links: it may be a link itself, as mounted volumes are. */
export async function realRoot(root: string): Promise<string> {
  return realpath(root).catch((error: unknown) => {
    throw new UnavailableError("files", `the media folder: ${systemCode(error)}`, { cause: error });
  });
}

/** Where `parts` are below the root; refused when any of them is a link. */
async function resolveInside(root: string, parts: readonly string[]): Promise<string> {
  const wanted = join(root, ...parts);
  if ((await realpath(wanted)) !== wanted) throw refused("a link");
  return wanted;
}

/** An open artefact and its size. The caller closes `handle`. */
export async function openInside(
  root: string,
  path: string,
): Promise<{ handle: FileHandle; stats: Stats }> {
  const parts = modelPathParts(path);
  const real = await realRoot(root);
  let handle: FileHandle | undefined;
  try {
    const wanted = await resolveInside(real, parts);
    handle = await open(wanted, FLAGS);
    const stats = await handle.stat();
    if (!stats.isFile()) throw refused("what is no regular file");
    // A folder that became a link between the two calls: the same file must still be there.
    const again = await lstat(await resolveInside(real, parts));
    if (again.ino !== stats.ino || again.dev !== stats.dev) {
      throw new ModelFileError("MODEL_FILE_CHANGED", "replaced while it was opened");
    }
    return { handle, stats };
  } catch (error) {
    await handle?.close();
    throw translate(error);
  }
}
