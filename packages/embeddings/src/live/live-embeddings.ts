import { ModelFileError, subjects } from "@signalpath/contracts";
import { createInlineChecker, openArtefact, type KeyRing } from "@signalpath/model-loader";
import type {
  Bus,
  ModelCatalogue,
  ModelFileReader,
  Projects,
  ServedModel,
} from "@signalpath/ports";
import {
  allProjectIds,
  createRepeater,
  type ItemSpace,
  type ItemSpaces,
  type Logger,
} from "@signalpath/service-kit";

import { decodeEmbedding, EMBEDDING_KIND } from "../codec.ts";
import { createItemPlaces } from "../vector-of.ts";

/** The catalogue is re-read this often, whatever was heard, milliseconds. */
const REFRESH_MS = 60_000;
/** After a failed reading the next one comes sooner, milliseconds. */
const RETRY_MS = 2_000;
const PAGE = 2_000;

export interface LiveEmbeddings extends ItemSpaces {
  /** Loads what serves and begins to listen; what cannot be loaded is retried, not thrown. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface LiveEmbeddingsDeps {
  modelCatalogue: Pick<ModelCatalogue, "list" | "served">;
  projects: Pick<Projects, "list">;
  files: ModelFileReader;
  ring: KeyRing;
  bus: Pick<Bus, "hear" | "onReconnect">;
  logger: Logger;
}

/**
 * The embedding that serves each project: the model of kind `embedding` with the highest id that has
 * a serving version. Heard by `models.trained`, and re-read every 60 s. An artefact that cannot be
 * verified or read leaves the space that serves.
 */
export function createLiveEmbeddings(deps: LiveEmbeddingsDeps): LiveEmbeddings {
  const { modelCatalogue, logger } = deps;
  const spaces = new Map<number, { sha256: string; space: ItemSpace }>();
  const listeners = new Set<(projectId: number) => void>();
  const opened: (() => Promise<void> | void)[] = [];

  async function servedOf(projectId: number): Promise<ServedModel | undefined> {
    const page = { project_id: projectId, offset: 0, limit: PAGE };
    const { rows } = await modelCatalogue.list(page);
    const ids = rows
      .filter(({ kind, version }) => kind === EMBEDDING_KIND && version !== null)
      .map(({ id }) => id);
    return ids.length === 0 ? undefined : (await modelCatalogue.served([Math.max(...ids)]))[0];
  }

  async function read(projectId: number): Promise<void> {
    const row = await servedOf(projectId);
    const before = spaces.get(projectId);
    if (row?.sha256 === before?.sha256) return;
    if (row === undefined) spaces.delete(projectId);
    else spaces.set(projectId, { sha256: row.sha256, space: await load(deps, row) });
    for (const listener of listeners) listener(projectId);
  }

  const repeater = createRepeater({
    task: async () => {
      const failures: unknown[] = [];
      for (const projectId of await allProjectIds(deps.projects)) {
        await read(projectId).catch((error: unknown) => {
          if (!(error instanceof ModelFileError)) failures.push(error);
          else logger.warn({ err: error, project_id: projectId }, "embedding refused");
        });
      }
      if (failures.length > 0) throw new AggregateError(failures, "some were not read");
    },
    pauseMs: (failed) => (failed ? RETRY_MS : REFRESH_MS),
    what: "reading the embeddings that serve",
    logger,
  });

  return {
    current: (projectId) => spaces.get(projectId)?.space,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async start() {
      const heard = await deps.bus.hear(
        subjects.modelTrained.name,
        () => void repeater.runNow().then(() => repeater.runNow()),
      );
      opened.push(() => heard.close());
      opened.push(deps.bus.onReconnect(() => void repeater.runNow()));
      await repeater.runNow();
    },
    async close() {
      for (const close of opened.splice(0)) await close();
      await repeater.close();
    },
  };
}

async function load(
  { files, ring }: Pick<LiveEmbeddingsDeps, "files" | "ring">,
  { trained_model_id: model_id, ...row }: ServedModel,
): Promise<ItemSpace> {
  const view = await openArtefact(
    { model_id, ...row },
    { files, ring, checker: createInlineChecker() },
  );
  const embedding = decodeEmbedding(view);
  return {
    id: embedding.spaceId,
    version: row.version,
    vectorOf: createItemPlaces(embedding).vectorOf,
    foldIn: embedding.foldIn,
  };
}
