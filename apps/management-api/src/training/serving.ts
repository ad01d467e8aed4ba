import {
  ModelFileError,
  ServiceError,
  type artefactFacts,
  type artefactQuery,
  type servingChange,
} from "@signalpath/contracts";
import { verifyArtefact } from "@signalpath/model-loader";
import type { TrainedModelVersion } from "@signalpath/ports";
import type { z } from "zod";

import { offsetOf, pageOfRows, type PageRequest } from "../page.ts";
import { own, type Caller, type TrainingContext } from "./context.ts";
import { MAX_ARTEFACT_BYTES } from "./import-model.ts";

type Facts = z.output<typeof artefactFacts>;
type Read = Pick<Facts, "error" | "signature" | "header">;

/** What a model served since when, and what its file says. @throws ServiceError; UnavailableError. */
export function createServingVerbs(context: TrainingContext) {
  const { modelCatalogue: models } = context.stores;
  const find = async (caller: Caller, id: number) =>
    own(caller, await models.get(id), "trained model");
  return {
    async history(caller: Caller, path: string, id: number, request: PageRequest) {
      await find(caller, id);
      const page = { offset: offsetOf(request), limit: request.page_size };
      const { count, rows } = await models.history(id, page);
      const results = rows.map((row): z.output<typeof servingChange> => {
        const { project_id: _, trained_model_id, training_run_id, ...rest } = row;
        return { ...rest, trained_model: trained_model_id, training_run: training_run_id };
      });
      return pageOfRows(path.replace("{id}", String(id)), request, {}, { count, results });
    },
    async artefact(
      caller: Caller,
      id: number,
      query: z.output<typeof artefactQuery>,
    ): Promise<Facts> {
      const model = await find(caller, id);
      const wanted = query.version ?? model.version;
      const row = wanted === null ? undefined : await models.version(id, wanted);
      if (row === undefined) throw new ServiceError("NOT_FOUND", "no such version of this model");
      const { loaded } = context.artefacts;
      const { version, file, sha256, bytes } = row;
      return {
        trained_model: id,
        version,
        serving: version === model.version,
        file,
        sha256,
        bytes,
        ...(await readFacts(context, row)),
        verified_at: new Date(context.kit.now()).toISOString(),
        loaded: loaded.of(id).map((one) => ({ ...one, is_current: one.version === model.version })),
        gateways: loaded.gateways(),
      };
    },
  };
}

/** The file as it lies there, checked as a gateway checks it. @throws UnavailableError. */
async function readFacts({ artefacts }: TrainingContext, row: TrainedModelVersion): Promise<Read> {
  try {
    const file = await artefacts.reader.read(row.file, { maxBytes: MAX_ARTEFACT_BYTES });
    const { metadata, tensors, kid, sha256 } = await verifyArtefact(file, artefacts);
    if (sha256 !== row.sha256) {
      throw new ModelFileError("MODEL_DIGEST_MISMATCH", "not the file the catalogue names");
    }
    const algorithm = artefacts.ring.find(kid)?.algorithm === "ed25519" ? "ed25519" : "hmac-sha256";
    return {
      error: null,
      signature: { key_id: kid, algorithm },
      header: {
        kind: metadata.kind,
        created_at: metadata.created_at,
        rows: metadata.rows,
        data_digest: metadata.data_digest,
        embedding_space: metadata.embedding_space ?? null,
        parent: metadata.parent ?? null,
        git_version: metadata.git_version ?? null,
        tensors: [...tensors].map(([name, { shape }]) => ({ name, shape: [...shape] })),
      },
    };
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    const { code, message } = error;
    return { error: { code, message }, signature: null, header: null };
  }
}
