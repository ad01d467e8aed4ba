import { type ModelFileCode, ModelFileError } from "@signalpath/contracts";

/** Throws a refusal of an artefact. */
export function refuse(code: ModelFileCode, message: string, cause?: unknown): never {
  throw new ModelFileError(code, message, cause === undefined ? undefined : { cause });
}
