import { join } from "node:path";

import { createKeyRing, type KeyRing } from "@signalpath/model-loader";
import { ConfigError } from "@signalpath/ports";

import { usageError } from "../exit-codes.ts";
import { readIfThere, type Io } from "../io.ts";
import { dataDirOf, type GlobalOptions } from "../settings.ts";

/**
 * Keys of artefacts: MODEL_SIGNING_KEYS, else drawn from SECRET_KEY, else from the secret that a
 * standalone left in its data dir. Never from arguments: those are seen by everybody on a machine.
 * @throws CliError when there are none or one is wrong.
 */
export async function openKeyRing(io: Io, options: GlobalOptions): Promise<KeyRing> {
  const signingKeys = io.env["MODEL_SIGNING_KEYS"] || undefined;
  const fromEnv = io.env["SECRET_KEY"] || undefined;
  const path = join(dataDirOf(io, options), "secret");
  const isGiven = signingKeys !== undefined || fromEnv !== undefined;
  const secretKey = isGiven ? fromEnv : (await readIfThere(path))?.trim();
  if (!isGiven && (secretKey === undefined || secretKey === "")) {
    throw usageError(`no key known: set MODEL_SIGNING_KEYS or SECRET_KEY, or point at ${path}`);
  }
  try {
    const previousSecretKey = io.env["SECRET_KEY_PREVIOUS"] || undefined;
    return createKeyRing({ signingKeys, secretKey, previousSecretKey });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw usageError(error.message);
  }
}
