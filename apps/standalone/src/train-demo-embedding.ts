import { createHash } from "node:crypto";

import type { Backends } from "@signalpath/backends";
import { subjects } from "@signalpath/contracts";
import { EMBEDDING_KIND, encodeEmbedding, trainEmbedding } from "@signalpath/embeddings";
import { writeArtefact, type KeyRing } from "@signalpath/model-loader";
import type { ModelFileWriter } from "@signalpath/ports";
import type { Kit } from "@signalpath/service-kit";

import { seededRandom } from "./simulator/random.ts";

const NAME = "demo embedding";
const SEED = 11;
const DIMENSIONS = 32;
const PAGE = 2_000;

export interface TrainDemoEmbeddingDeps {
  backends: Pick<Backends, "modelCatalogue" | "catalogue" | "bus">;
  kit: Pick<Kit, "now" | "logger">;
  ring: KeyRing;
  files: ModelFileWriter;
  projectId: number;
}

/**
 * The demo's own embedding of its catalogue by tags and words, unless the project ever had a model of
 * that kind. What goes wrong is logged: then items keep the vectors they came with.
 */
export async function trainDemoEmbedding(deps: TrainDemoEmbeddingDeps): Promise<void> {
  try {
    const { modelCatalogue } = deps.backends;
    const page = { project_id: deps.projectId, offset: 0, limit: PAGE };
    const { rows } = await modelCatalogue.list(page);
    if (rows.some(({ kind }) => kind === EMBEDDING_KIND)) return;
    await train(deps);
  } catch (error) {
    deps.kit.logger.warn({ err: error }, "the embedding of the demo was not trained");
  }
}

async function train({ backends, kit, ring, files, projectId }: TrainDemoEmbeddingDeps) {
  const rows = await backends.catalogue.changes(projectId, { after: 0, limit: PAGE });
  const items = rows.filter(({ removed }) => !removed).map(({ item }) => item);
  const embedding = await trainEmbedding(items, {
    dimensions: DIMENSIONS,
    random: seededRandom(SEED),
  });
  const { hyperparameters, spaceId, tensors } = encodeEmbedding(embedding);
  const model = await backends.modelCatalogue.create({
    project_id: projectId,
    name: NAME,
    kind: EMBEDDING_KIND,
  });
  const facts = {
    project_id: projectId,
    version: model.last_version + 1,
    data_digest: createHash("sha256").update(JSON.stringify(items)).digest("hex"),
    metrics: { dimensions: embedding.dimensions, content: items.length },
  };
  const metadata = {
    ...facts,
    kind: EMBEDDING_KIND,
    model_id: model.id,
    created_at: new Date(kit.now()).toISOString(),
    rows: 0,
    hyperparameters,
    embedding_space: spaceId,
  };
  const written = await writeArtefact({ metadata, tensors }, { ring, files });
  const { file, sha256: digest, bytes } = written;
  await backends.modelCatalogue.register(
    {
      ...facts,
      trained_model_id: model.id,
      kind: EMBEDDING_KIND,
      file,
      sha256: digest,
      bytes,
      parameters: hyperparameters,
      data_rows: 0,
      data_from: null,
      data_to: null,
      git_version: null,
    },
    { serve: true },
  );
  await backends.bus.publish(subjects.modelTrained, {
    event: "model_trained",
    model_id: model.id,
    project_id: projectId,
    version: facts.version,
    sha256: digest,
  });
}
