import {
  ModelFileError,
  ServiceError,
  subjects,
  type importModelQuery,
  type trainedModelVersion,
} from "@signalpath/contracts";
import { decodeEmbedding, EMBEDDING_KIND } from "@signalpath/embeddings";
import {
  artefactPath,
  signArtefact,
  verifyArtefact,
  type VerifiedArtefact,
} from "@signalpath/model-loader";
import { artefactKinds } from "@signalpath/models";
import { RefusedError, type TrainedModel } from "@signalpath/ports";
import type { z } from "zod";

import { orConflict, own, ownProject, type Caller, type TrainingContext } from "./context.ts";
import { shownVersion } from "./shown.ts";

/** What opens an artefact of each kind that may be registered. */
const DECODERS: typeof artefactKinds = {
  ...artefactKinds,
  [EMBEDDING_KIND]: { decode: decodeEmbedding },
};
/** What loaders take at most, bytes. */
export const MAX_ARTEFACT_BYTES = 512 * 1024 * 1024;
/** Version numbers tried when others register versions of the same model meanwhile. */
const TRIES = 3;

/**
 * Registers an artefact that was trained elsewhere as the next version of a model, new or known.
 * Signature, bounds, numbers and the kind's own decoder are asked before anything is stored. Where
 * model, project or version inside it are not those of its row, it is signed anew with the right
 * ones, which takes a key that can sign.
 * @throws ServiceError NOT_FOUND, PROJECT_NOT_FOUND, CONFLICT, BODY_TOO_LARGE, MODEL_FILE_REFUSED
 *   (`errors` has the code of the format); UnavailableError.
 */
export async function importModel(
  context: TrainingContext,
  caller: Caller,
  request: z.output<typeof importModelQuery>,
  readFile: () => Promise<Uint8Array>,
): Promise<z.output<typeof trainedModelVersion>> {
  const { modelCatalogue: models } = context.stores;
  const asked = request.project === 0 ? caller.key.projectId : request.project;
  const project_id = await ownProject(context, caller, asked);
  const known =
    request.trained_model === 0
      ? undefined
      : own(caller, await models.get(request.trained_model), "trained model");
  if (known !== undefined && known.project_id !== project_id) {
    throw new ServiceError("NOT_FOUND", "no such trained model in this project");
  }
  const bytes = await readFile();
  const artefact = await verified(context, bytes);
  const { kind } = artefact.metadata;
  if (known !== undefined && (known.kind === EMBEDDING_KIND) !== (kind === EMBEDDING_KIND)) {
    const what = `the model is of kind ${known.kind}, the artefact of kind ${kind}`;
    throw refusal(new ModelFileError("MODEL_MISMATCH", what));
  }
  const { name } = request;
  const naming = name === undefined ? {} : { name };
  const model =
    known ??
    (await orConflict(
      models.create({ project_id, kind, ...naming }),
      "a trained model of this name exists",
    ));
  try {
    return await register(context, caller, model, { artefact, bytes, serve: request.serve });
  } catch (error) {
    // A model without a version that nobody asked for by itself.
    if (known === undefined) await models.remove(model.id);
    throw error;
  }
}

async function verified(
  { artefacts }: TrainingContext,
  bytes: Uint8Array,
): Promise<VerifiedArtefact> {
  try {
    const artefact = await verifyArtefact(bytes, artefacts);
    const { kind } = artefact.metadata;
    const decoder = Object.hasOwn(DECODERS, kind) ? DECODERS[kind] : undefined;
    if (decoder === undefined) {
      throw new ModelFileError("MODEL_KIND_UNKNOWN", `nothing here opens the kind ${kind}`);
    }
    try {
      decoder.decode(artefact);
    } catch (cause) {
      const message = `the decoder of kind ${kind} refused it: ${(cause as Error).message}`;
      throw new ModelFileError("MODEL_DECODE_FAILED", message, { cause });
    }
    return artefact;
  } catch (error) {
    throw refusal(error);
  }
}

interface Handed {
  artefact: VerifiedArtefact;
  bytes: Uint8Array;
  serve: boolean;
}

async function register(
  context: TrainingContext,
  caller: Caller,
  { id, project_id }: TrainedModel,
  { artefact, bytes, serve }: Handed,
) {
  const { modelCatalogue: models } = context.stores;
  const { metadata } = artefact;
  for (let tries = 1; ; tries++) {
    const model = own(caller, await models.get(id), "trained model");
    const version = model.last_version + 1;
    const file = fileOf(context, { artefact, bytes }, { model_id: id, project_id, version });
    await context.artefacts.writer.write(file.path, file.bytes);
    try {
      const row = await models.register(
        {
          trained_model_id: id,
          project_id,
          version,
          kind: metadata.kind,
          file: file.path,
          sha256: file.sha256,
          bytes: file.bytes.length,
          parameters: metadata.hyperparameters,
          metrics: metadata.metrics,
          data_rows: metadata.rows,
          data_digest: metadata.data_digest,
          data_from: null,
          data_to: null,
          git_version: metadata.git_version ?? null,
        },
        { serve, key_id: caller.key.id },
      );
      // As after a training: gateways are told of what serves, else there is nothing to load.
      if (serve) {
        const event = { event: "model_trained", model_id: id, project_id } as const;
        const { sha256 } = row;
        await context.announce(subjects.modelTrained, { ...event, version, sha256 }, caller);
      }
      return shownVersion(row, serve ? version : model.version);
    } catch (error) {
      const now = await models.get(id);
      const isOvertaken = now !== undefined && now.last_version !== model.last_version;
      if (!(error instanceof RefusedError) || !isOvertaken || tries === TRIES) throw error;
    }
  }
}

/** The bytes as they came where their ids are right, else the same model signed with these. */
function fileOf(
  { artefacts: { ring } }: TrainingContext,
  { artefact, bytes }: Pick<Handed, "artefact" | "bytes">,
  ids: { model_id: number; project_id: number; version: number },
): { path: string; sha256: string; bytes: Uint8Array } {
  const { metadata, tensors, sha256 } = artefact;
  const { model_id, project_id, version } = metadata;
  const isRight =
    model_id === ids.model_id && project_id === ids.project_id && version === ids.version;
  if (isRight) return { path: artefactPath({ ...ids, sha256 }), sha256, bytes };
  if (ring.signer === undefined) {
    throw refusal(
      new ModelFileError(
        "MODEL_MISMATCH",
        `it is version ${version} of model ${model_id} of project ${project_id}, and no key here can sign it as version ${ids.version} of model ${ids.model_id} of project ${ids.project_id}: write it with these`,
      ),
    );
  }
  const signed = signArtefact({ metadata: { ...metadata, ...ids }, tensors }, ring);
  return { path: signed.row.file, sha256: signed.row.sha256, bytes: signed.bytes };
}

/** Refusals of the format as one code, theirs beside it; what else was thrown as it is. */
function refusal(error: unknown): unknown {
  if (!(error instanceof ModelFileError)) return error;
  if (error.code === "MODEL_CHECK_FAILED") return error;
  return new ServiceError("MODEL_FILE_REFUSED", `${error.code}: ${error.message}`, {
    issues: [{ path: error.code, message: error.message }],
    cause: error,
  });
}
