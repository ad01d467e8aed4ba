import type { ModelView } from "@signalpath/contracts";
import { allocateAligned, MODEL_HEAD_BYTES } from "@signalpath/ports";

import type { Checker } from "./checks/checker.ts";
import { numbersTask, sparseMatrices } from "./checks/numbers-task.ts";
import {
  type Envelope,
  looksLikeRecotem,
  parseEnvelope,
  payloadPosition,
  signedMessage,
} from "./format/envelope.ts";
import { refuse } from "./format/fail.ts";
import { decodeMetadata } from "./format/metadata.ts";
import { parseLayout, viewTensors } from "./format/parse-payload.ts";
import type { KeyRing } from "./signing/key-ring.ts";

const RECOTEM_SIGNATURE_BYTES = 32;

export interface VerifyOptions {
  ring: KeyRing;
  checker: Checker;
  /** Secrets of a Recotem beside us: its signed files are then told from foreign ones. */
  recotemSecrets?: readonly string[];
}

export interface LoadedView extends ModelView {
  /** Memory the views hold, bytes. */
  bytes: number;
}

export interface VerifiedArtefact extends LoadedView {
  /** Key that signed it. */
  kid: string;
  /** SHA-256 of the whole file, 64 lower-case hex digits. */
  sha256: string;
  /** What was signed: the safetensors part. */
  payload: Uint8Array;
}

/** What a catalogue row says that a file is compared with. */
interface Row {
  model_id: number;
  project_id: number;
  version: number;
  sha256: string;
  kind?: string | undefined;
}

/**
 * Verifies and reads an artefact that no catalogue row names yet. Nothing of it is parsed before
 * its signature is right. `file` is copied once, so that views over it can be aligned.
 * @throws ModelFileError.
 */
export async function verifyArtefact(
  file: Uint8Array,
  options: VerifyOptions,
): Promise<VerifiedArtefact> {
  const payloadAt = payloadPosition(file.subarray(0, MODEL_HEAD_BYTES));
  const copy = allocateAligned(file.length, payloadAt);
  copy.set(file);
  return openVerified(copy, options);
}

/** The checked views of a file, compared with its row when there is one. @throws ModelFileError. */
export async function openVerified(
  file: Uint8Array<SharedArrayBuffer>,
  { ring, checker, recotemSecrets = [] }: VerifyOptions,
  row?: Row,
): Promise<VerifiedArtefact> {
  if (looksLikeRecotem(file)) await refuseRecotem(file, checker, recotemSecrets);
  const envelope = parseEnvelope(file);
  const sha256 = await verifySignature(file, envelope, ring, checker);
  if (row !== undefined && sha256 !== row.sha256) {
    refuse("MODEL_DIGEST_MISMATCH", "not the file the catalogue names");
  }
  const payload = file.subarray(envelope.payloadAt);
  const layout = parseLayout(payload);
  const metadata = decodeMetadata(layout.metadata);
  if (row !== undefined) assertRow(metadata, row);
  const at = payload.byteOffset + layout.dataAt;
  const fault = await checker.run(file.buffer, numbersTask(layout.tensors, at));
  if (fault !== undefined) refuse(fault.code, fault.message);
  const tensors = viewTensors(payload, layout);
  for (const { name, columns } of sparseMatrices(layout.tensors)) {
    const items = tensors.get(`${name}.items`);
    if (items !== undefined) tensors.set(`${name}.items`, { ...items, columnsBelow: columns });
  }
  const { kid } = envelope;
  return { metadata, tensors, bytes: file.buffer.byteLength, kid, sha256, payload };
}

/** The file's SHA-256, hex, once its signature is right. */
async function verifySignature(
  file: Uint8Array<SharedArrayBuffer>,
  envelope: Envelope,
  ring: KeyRing,
  checker: Checker,
): Promise<string> {
  const key = ring.find(envelope.kid);
  if (key === undefined) return refuse("MODEL_KEY_UNKNOWN", "signed by a key that is not ours");
  if (key.algorithm !== envelope.algorithm) {
    refuse("MODEL_SIGNATURE_INVALID", "the key is of another algorithm");
  }
  const { byteOffset: at, length: bytes } = file;
  const digests = await checker.run(file.buffer, {
    what: "digests",
    file: { at, bytes },
    payload: { at: at + envelope.payloadAt, bytes: envelope.payloadBytes },
  });
  if (!key.verify(signedMessage(envelope, digests.payload), envelope.signature)) {
    refuse("MODEL_SIGNATURE_INVALID", "the signature is not of these bytes");
  }
  return Buffer.from(digests.file).toString("hex");
}

function assertRow(metadata: ModelView["metadata"], row: Row): void {
  for (const key of ["model_id", "project_id", "version"] as const) {
    if (metadata[key] !== row[key]) {
      refuse("MODEL_MISMATCH", `${key} is ${metadata[key]}, the catalogue says ${row[key]}`);
    }
  }
  if (row.kind !== undefined && metadata.kind !== row.kind) {
    refuse("MODEL_MISMATCH", `kind is ${metadata.kind}, the catalogue says ${row.kind}`);
  }
}

async function refuseRecotem(
  file: Uint8Array<SharedArrayBuffer>,
  checker: Checker,
  secrets: readonly string[],
): Promise<never> {
  const genuine = await checker.run(file.buffer, {
    what: "hmac",
    secrets,
    signature: { at: file.byteOffset, bytes: RECOTEM_SIGNATURE_BYTES },
    payload: {
      at: file.byteOffset + RECOTEM_SIGNATURE_BYTES,
      bytes: file.length - RECOTEM_SIGNATURE_BYTES,
    },
  });
  return genuine
    ? refuse("CONVERT_FIRST", "a signed pickle of Recotem: convert it to .spm where Recotem runs")
    : refuse(
        "MODEL_SIGNATURE_INVALID",
        "looks like a pickle of Recotem, signed by none of our keys",
      );
}
