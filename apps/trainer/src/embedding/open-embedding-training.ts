import { createHash } from "node:crypto";

import {
  EMBEDDING_KIND,
  encodeEmbedding,
  readEmbeddingParameters,
  trainEmbedding,
  type Embedding,
} from "@signalpath/embeddings";
import { createKeyRing, signArtefact } from "@signalpath/model-loader";
import { createRandom } from "@signalpath/models";
import type { TrainingRun } from "@signalpath/ports";

import type { Context } from "../context.ts";
import type { Training, TrainingListener } from "../open-training.ts";
import { bytesOf, createCollector, digestOf } from "../worker/collect.ts";
import type { Outcome } from "../worker/messages.ts";
import { knownVectors } from "./known-vectors.ts";
import { readContent } from "./read-content.ts";

/**
 * A training of the kind `embedding`: of content, and of interactions or a provider where they give
 * more. On this thread, with turns for others in between; factors are computed on threads when more
 * than one is allowed.
 */
export function openEmbeddingTraining(
  ctx: Context,
  { project_id, spec }: Pick<TrainingRun, "project_id" | "spec">,
  listener: TrainingListener,
): Training {
  const closed = new AbortController();
  const { signal } = closed;
  const collector = createCollector(ctx.options.maxRows);
  let trained: { embedding: Embedding; outcome: Outcome } | undefined;
  const turn = () =>
    new Promise<void>((resolve, reject) => {
      setImmediate(() => (signal.aborted ? reject(signal.reason as Error) : resolve()));
    });
  const progress = (stage: string) => (fraction: number) =>
    listener.onProgress(stage, fraction, undefined);

  return {
    async rows(rows, anonymous) {
      collector.add(rows, anonymous);
    },
    async train() {
      const parameters = readEmbeddingParameters(spec.parameters);
      const content = await readContent(ctx.catalogue, project_id);
      const interactions = collector.build();
      const { threads, memoryLimitBytes } = ctx.options;
      const known = await knownVectors(parameters, content, interactions, {
        seed: spec.seed,
        threads,
        memoryLimitBytes,
        provider: ctx.embeddingProvider,
        signal,
        onFraction: progress("fitting"),
      });
      const embedding = await trainEmbedding(content, {
        ...parameters,
        random: createRandom(spec.seed, "embedding"),
        turn,
        ...(known === undefined ? {} : { known }),
      });
      const { hyperparameters, spaceId, tensors } = encodeEmbedding(embedding);
      listener.onLog("info", `space ${spaceId}: ${content.length} items described`);
      const digest = createHash("sha256");
      for (const { data } of tensors.values()) digest.update(bytesOf(data));
      const { users, items, rows } = interactions;
      const outcome: Outcome = {
        kind: EMBEDDING_KIND,
        parameters: { ...parameters, ...hyperparameters },
        metrics: { dimensions: embedding.dimensions, content: content.length },
        rows,
        users: users.offsets.length - 1,
        items: items.offsets.length - 1,
        digest: digestOf(interactions),
        tensorsSha256: digest.digest("hex"),
      };
      trained = { embedding, outcome };
      return outcome;
    },
    async sign({ data_digest, ...as }) {
      if (trained === undefined) throw new Error("nothing was trained yet");
      const { hyperparameters, spaceId, tensors } = encodeEmbedding(trained.embedding);
      const { kind, rows, metrics } = trained.outcome;
      const metadata = { ...as, kind, data_digest, rows, hyperparameters, metrics };
      const signed = signArtefact(
        { metadata: { ...metadata, embedding_space: spaceId }, tensors },
        createKeyRing(ctx.signing),
      );
      const { file, sha256 } = signed.row;
      return { bytes: signed.bytes, file, sha256 };
    },
    async close() {
      closed.abort();
    },
  };
}
