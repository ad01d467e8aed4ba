import { ModelFileError } from "@signalpath/contracts";

const LONGEST_PATH = 512;
/** No dot in front (hidden and temporary files, `.` and `..`), no separator of any system. */
const PART = /^[\p{L}\p{N}_-][\p{L}\p{N}._ -]*$/u;

/** The parts of an artefact's path, or MODEL_PATH_REFUSED. */
export function modelPathParts(path: string): string[] {
  const parts = path.split("/");
  if (path.length > LONGEST_PATH || !parts.every((part) => PART.test(part))) {
    throw new ModelFileError("MODEL_PATH_REFUSED", "not a plain relative path");
  }
  return parts;
}
