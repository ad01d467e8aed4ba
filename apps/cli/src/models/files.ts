import { randomUUID } from "node:crypto";
import { link, open, readFile, rm } from "node:fs/promises";

import { ModelFileError } from "@signalpath/contracts";
import { decodeEmbedding, EMBEDDING_KIND } from "@signalpath/embeddings";
import {
  createInlineChecker,
  signPayload,
  verifyArtefact,
  type KeyRing,
  type VerifiedArtefact,
} from "@signalpath/model-loader";
import { artefactKinds } from "@signalpath/models";

import { CliError, EXIT, usageError } from "../exit-codes.ts";

/** What opens an artefact of each kind. */
const DECODERS: typeof artefactKinds = {
  ...artefactKinds,
  [EMBEDDING_KIND]: { decode: decodeEmbedding },
};

/**
 * Reads an artefact, verifies it, and lets the decoder of its kind look at it.
 * @throws CliError with the code of the format (exit 3), or because it cannot be read (exit 2).
 */
export async function verifyFile(path: string, ring: KeyRing): Promise<VerifiedArtefact> {
  try {
    const artefact = await verifyArtefact(await readArtefact(path), {
      ring,
      checker: createInlineChecker(),
    });
    const { kind } = artefact.metadata;
    const decoder = Object.hasOwn(DECODERS, kind) ? DECODERS[kind] : undefined;
    if (decoder === undefined) {
      throw new ModelFileError("MODEL_KIND_UNKNOWN", `nothing here opens the kind ${kind}`);
    }
    try {
      decoder.decode(artefact);
    } catch (cause) {
      throw new ModelFileError("MODEL_DECODE_FAILED", (cause as Error).message, { cause });
    }
    return artefact;
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    throw new CliError(error.code, `${path}: ${error.message}`, EXIT.refused, { cause: error });
  }
}

/** @throws CliError when it cannot be read. */
export async function readArtefact(path: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return await readFile(path);
  } catch (error) {
    throw usageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** A ring that signs with this key of it, its own first one when none is named. */
export function signingWith(ring: KeyRing, kid: string | undefined): KeyRing {
  const key = kid === undefined ? ring.signer : ring.find(kid);
  if (key === undefined) throw usageError(kid === undefined ? NO_SIGNER : `no key ${kid} is set`);
  const { sign } = key;
  if (sign === undefined) throw usageError(`key ${key.kid} can only verify`);
  return { ...ring, signer: { ...key, sign } };
}
const NO_SIGNER = "none of the keys can sign";

/** The same payload under another signature, as a new file. */
export async function writeSigned(
  path: string,
  { payload }: Pick<VerifiedArtefact, "payload">,
  ring: KeyRing,
): Promise<Uint8Array> {
  const bytes = signPayload(payload, ring);
  await writeArtefactFile(path, bytes);
  return bytes;
}

/** A new file: whole or not at all, never over one. */
export async function writeArtefactFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    const handle = await open(temporary, "wx", 0o640);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A link, since a rename would replace what is there.
    await link(temporary, path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw usageError(code === "EEXIST" ? `${path} exists` : `${path}: ${message}`);
  } finally {
    await rm(temporary, { force: true });
  }
}
