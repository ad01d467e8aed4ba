import type { ModelTensor, ModelView } from "@signalpath/contracts";
import type { ModelFileReader } from "@signalpath/ports";

import type { Checker } from "./checks/checker.ts";
import { numbersTask } from "./checks/numbers-task.ts";
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

const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;
const RECOTEM_SIGNATURE_BYTES = 32;

/** What the catalogue says about a version of a model. */
export interface ModelRow {
  model_id: number;
  project_id: number;
  version: number;
  /** SHA-256 of the whole file, 64 lower-case hex digits. */
  sha256: string;
  /** Below the root, `<model_id>/<version>-<sha12>.spm`. */
  file: string;
  /** When the row names it, the artefact must be of this kind. */
  kind?: string | undefined;
}

export interface LoadedView extends ModelView {
  /** Memory the views hold, bytes. */
  bytes: number;
}

/** How an artefact becomes whatever answers requests. Throws on tensors it cannot use. */
export interface ModelKind<S> {
  decode(view: ModelView): S;
}

/** A model that may answer. */
export interface LoadedModel<S> {
  row: ModelRow;
  metadata: ModelView["metadata"];
  scorer: S;
  bytes: number;
}

export interface ModelLoaderOptions<S> {
  files: ModelFileReader;
  ring: KeyRing;
  checker: Checker;
  kinds: Readonly<Record<string, ModelKind<S>>>;
  /** Largest file, bytes; 512 MiB unless told. */
  maxBytes?: number;
  /** Secrets of a Recotem beside us: its signed files are then told from foreign ones. */
  recotemSecrets?: readonly string[];
}

/**
 * Loads the artefact of a row: reads it once, verifies it before it is parsed, and decodes it by
 * its kind. Throws ModelFileError, or UnavailableError when the files cannot be reached.
 */
export function createModelLoader<S>(
  options: ModelLoaderOptions<S>,
): (row: ModelRow) => Promise<LoadedModel<S>> {
  return async (row) => {
    const { metadata, tensors, bytes } = await openArtefact(row, options);
    const { kind } = metadata;
    const decoder = Object.hasOwn(options.kinds, kind) ? options.kinds[kind] : undefined;
    if (decoder === undefined) return refuse("MODEL_KIND_UNKNOWN", `no scorer of kind ${kind}`);
    try {
      return { row, metadata, scorer: decoder.decode({ metadata, tensors }), bytes };
    } catch (error) {
      return refuse("MODEL_DECODE_FAILED", `the scorer of kind ${kind} refused it`, error);
    }
  };
}

/** The checked views of a row's artefact, before any kind has seen them. Throws as the loader. */
export async function openArtefact(
  row: ModelRow,
  options: Omit<ModelLoaderOptions<never>, "kinds">,
): Promise<LoadedView> {
  const { files, ring, checker, maxBytes = DEFAULT_MAX_BYTES, recotemSecrets = [] } = options;
  const file = await files.read(row.file, { maxBytes, alignAt: payloadPosition });
  if (looksLikeRecotem(file)) await refuseRecotem(file, checker, recotemSecrets);
  const envelope = parseEnvelope(file);
  const sha256 = await verifySignature(file, envelope, ring, checker);
  if (sha256 !== row.sha256) refuse("MODEL_DIGEST_MISMATCH", "not the file the catalogue names");
  const payload = file.subarray(envelope.payloadAt);
  const layout = parseLayout(payload);
  const metadata = decodeMetadata(layout.metadata);
  assertRow(metadata, row);
  const at = payload.byteOffset + layout.dataAt;
  const fault = await checker.run(file.buffer, numbersTask(layout.tensors, at));
  if (fault !== undefined) refuse(fault.code, fault.message);
  const tensors: ReadonlyMap<string, ModelTensor> = viewTensors(payload, layout);
  return { metadata, tensors, bytes: file.buffer.byteLength };
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

function assertRow(metadata: ModelView["metadata"], row: ModelRow): void {
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
