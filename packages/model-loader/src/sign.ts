import { createHash } from "node:crypto";

import type { ModelMetadata, ModelTensor } from "@signalpath/contracts";
import { ConfigError, type ModelFileWriter } from "@signalpath/ports";

import { numbersTask } from "./checks/numbers-task.ts";
import { runTask } from "./checks/run-task.ts";
import { joinEnvelope, signedMessage } from "./format/envelope.ts";
import { encodePayload } from "./format/encode-payload.ts";
import { refuse } from "./format/fail.ts";
import { encodeMetadata } from "./format/metadata.ts";
import { parseLayout } from "./format/parse-payload.ts";
import type { ModelRow } from "./load.ts";
import type { KeyRing } from "./signing/key-ring.ts";

export interface NewArtefact {
  metadata: ModelMetadata;
  /** In the order they are to lie in the file. */
  tensors: Iterable<readonly [string, ModelTensor]>;
}

export interface SignedArtefact {
  row: ModelRow & { kind: string };
  bytes: Uint8Array;
}

/**
 * The file of an artefact and the row that names it. What a loader would refuse is refused here
 * (ModelFileError, RangeError). Throws ConfigError when the ring can only verify.
 */
export function signArtefact({ metadata, tensors }: NewArtefact, ring: KeyRing): SignedArtefact {
  const payload = encodePayload(tensors, encodeMetadata(metadata));
  const layout = parseLayout(payload);
  const task = numbersTask(layout.tensors, payload.byteOffset + layout.dataAt);
  const fault = runTask(payload.buffer, task);
  if (fault !== undefined) refuse(fault.code, fault.message);
  const { kind, model_id, project_id, version } = metadata;
  const bytes = signPayload(payload, ring);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = artefactPath({ model_id, version, sha256 });
  return { bytes, row: { kind, model_id, project_id, version, sha256, file } };
}

/** Signs, writes, and answers what the catalogue is to say. Throws as `signArtefact` and the port. */
export async function writeArtefact(
  artefact: NewArtefact,
  { ring, files }: { ring: KeyRing; files: ModelFileWriter },
): Promise<SignedArtefact["row"] & { bytes: number }> {
  const { row, bytes } = signArtefact(artefact, ring);
  await files.write(row.file, bytes);
  return { ...row, bytes: bytes.length };
}

/** `<model_id>/<version>-<sha12>.spm`. */
export function artefactPath(row: Pick<ModelRow, "model_id" | "version" | "sha256">): string {
  return `${row.model_id}/${row.version}-${row.sha256.slice(0, 12)}.spm`;
}

/** Puts a payload into an envelope signed by the ring's signer. */
export function signPayload(payload: Uint8Array, { signer }: KeyRing): Uint8Array {
  if (signer === undefined) throw new ConfigError(["no key that can sign models is set"]);
  const { algorithm, kid } = signer;
  const digest = createHash("sha256").update(payload).digest();
  const message = signedMessage({ algorithm, kid, payloadBytes: payload.length }, digest);
  return joinEnvelope({ algorithm, kid, signature: signer.sign(message) }, payload);
}
