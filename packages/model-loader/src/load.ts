import type { ModelView } from "@signalpath/contracts";
import type { ModelFileReader } from "@signalpath/ports";

import { payloadPosition } from "./format/envelope.ts";
import { refuse } from "./format/fail.ts";
import { openVerified, type LoadedView, type VerifyOptions } from "./verify.ts";

const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;

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

export interface ModelLoaderOptions<S> extends VerifyOptions {
  files: ModelFileReader;
  kinds: Readonly<Record<string, ModelKind<S>>>;
  /** Largest file, bytes; 512 MiB unless told. */
  maxBytes?: number;
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
  const { files, maxBytes = DEFAULT_MAX_BYTES } = options;
  const file = await files.read(row.file, { maxBytes, alignAt: payloadPosition });
  const { metadata, tensors, bytes } = await openVerified(file, options, row);
  return { metadata, tensors, bytes };
}
