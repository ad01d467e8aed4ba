import { subjects } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";
import {
  readPayload,
  type Bus,
  type Catalogue,
  type CatalogueRow,
  type Clock,
  type ContentStore,
  type Projects,
  type Subscription,
} from "@signalpath/ports";

import { allProjectIds } from "./all-projects.ts";
import type { Logger } from "./logger.ts";
import { createRepeater } from "./repeater.ts";

/** Everything is re-read this often, whatever was heard, milliseconds. */
const REFRESH_MS = 60_000;
/** After a failed read the next one comes sooner, milliseconds. */
const RETRY_MS = 2_000;
const PAGE = 1_000;

/** One embedding space of a project. What is compared must have the same `id`. */
export interface ItemSpace {
  id: string;
  /** Version of the model that holds it. */
  version: number;
  /** The item's place; undefined where nothing tells it. */
  vectorOf: (item: ContentItem) => number[] | undefined;
  /** d x d, see `EmbeddingSpace`. */
  foldIn?: Float32Array | undefined;
}

/** The spaces that serve now. */
export interface ItemSpaces {
  current(projectId: number): ItemSpace | undefined;
  /** Told when another space serves a project; answers how to stop that. */
  onChange(listener: (projectId: number) => void): () => void;
}

/** Keeps a content index equal to the catalogue, seconds behind at most. */
export interface ContentFeed {
  /** Loads every project and begins to listen. A store that is down is retried, not thrown. */
  start(): Promise<void>;
  close(): Promise<void>;
  /** Catalogue version the index holds completely; 0 = nothing loaded. */
  version(projectId: number): number;
  /**
   * Reads the changes when the index does not hold `version` yet.
   * @throws UnavailableError when the catalogue cannot be read.
   */
  catchUp(projectId: number, version: number): Promise<void>;
  /**
   * Space of all vectors in the index; undefined = those that came with the items. It changes in one
   * step with the vectors themselves.
   */
  space(projectId: number): ItemSpace | undefined;
  /** True when the last complete reading is too old to be trusted, or there was none. */
  stale(): boolean;
  /** For `/readyz`. @throws while nothing was ever loaded. */
  check(): Promise<void>;
}

export interface ContentFeedDeps {
  catalogue: Pick<Catalogue, "changes" | "version">;
  projects: Pick<Projects, "list">;
  store: Pick<ContentStore, "upsert" | "remove" | "list" | "hold" | "release">;
  bus: Pick<Bus, "hear" | "onReconnect">;
  /** Where one serves a project, its vectors stand in for those of the items. */
  spaces?: ItemSpaces;
  now: Clock;
  logger: Logger;
  refreshMs?: number;
  retryMs?: number;
}

/**
 * Loads the catalogue at `start`, applies what `content.changed` announces, and reads everything
 * again after a reconnect of the bus and every 60 s: an announcement that was lost costs a minute,
 * never an item. What is applied is the catalogue's own change list, so announcements may come
 * twice, late, in any order or not at all.
 */
export function createContentFeed(deps: ContentFeedDeps): ContentFeed {
  const { catalogue, store, logger, now } = deps;
  const refreshMs = deps.refreshMs ?? REFRESH_MS;
  const versions = new Map<number, number>();
  const held = new Map<number, ItemSpace | undefined>();
  const reading = new Map<number, Promise<void>>();
  const opened: (() => Promise<void> | void)[] = [];
  let completeAt: number | undefined;

  const version = (projectId: number): number => versions.get(projectId) ?? 0;

  /** One project at a time; whoever comes while it reads waits for that reading. */
  function read(projectId: number): Promise<void> {
    const under = reading.get(projectId);
    if (under !== undefined) return under;
    const space = deps.spaces?.current(projectId);
    const next = (
      space?.id === held.get(projectId)?.id
        ? readChanges(deps, projectId, version(projectId), (rows) =>
            apply(store, projectId, rows, held.get(projectId)),
          )
        : change(projectId, space)
    )
      .then((reached) => void versions.set(projectId, reached))
      .finally(() => reading.delete(projectId));
    reading.set(projectId, next);
    return next;
  }

  /** Every item again with its vector in another space, put into the index in one go. */
  async function change(projectId: number, space: ItemSpace | undefined): Promise<number> {
    const all: CatalogueRow[] = [];
    const reached = await readChanges(deps, projectId, 0, async (rows) => void all.push(...rows));
    // Vectors of a space are of this process: a shared store could only change them bit by bit.
    if (space !== undefined) store.hold?.(projectId);
    const applied = apply(store, projectId, all, space);
    // No turn for anybody between the vectors and their name.
    held.set(projectId, space);
    await applied;
    if (space === undefined) store.release?.(projectId);
    logger.info({ project_id: projectId, space: space?.id ?? null }, "content changed its space");
    return reached;
  }

  async function changeSpace(projectId: number): Promise<void> {
    // A reading under way puts its items into the space of before.
    await reading.get(projectId)?.catch(() => undefined);
    if (deps.spaces?.current(projectId)?.id !== held.get(projectId)?.id) await read(projectId);
  }

  async function catchUp(projectId: number, wanted: number): Promise<void> {
    if (version(projectId) >= wanted) return;
    // A reading under way may have begun before that version was written.
    await reading.get(projectId);
    if (version(projectId) < wanted) await read(projectId);
  }

  const repeater = createRepeater({
    task: async () => {
      for (const projectId of await allProjectIds(deps.projects)) {
        if ((await catalogue.version(projectId)) < version(projectId)) {
          logger.warn({ project_id: projectId }, "the catalogue went back, its index starts over");
          await reading.get(projectId);
          await clear(store, projectId);
          versions.delete(projectId);
        }
        await read(projectId);
      }
      completeAt = now();
    },
    pauseMs: (failed) => (failed ? (deps.retryMs ?? RETRY_MS) : refreshMs),
    what: "reading the catalogue",
    logger,
  });

  function heard(body: string): void {
    const read = readPayload(subjects.contentChanged, body);
    if (!read.ok) {
      logger.warn({ code: read.code, detail: read.detail }, "content.changed ignored");
      return;
    }
    const { project_id, version: wanted } = read.payload;
    catchUp(project_id, wanted).catch((error: unknown) => {
      logger.warn({ err: error, project_id }, "content not applied yet");
      void repeater.runNow();
    });
  }

  return {
    async start() {
      // Listening first: what is written during the load is announced, not missed.
      const subscription: Subscription = await deps.bus.hear(
        subjects.contentChanged.name,
        (message) => heard(message.body),
      );
      opened.push(() => subscription.close());
      const off = deps.spaces?.onChange((projectId) => {
        changeSpace(projectId).catch((error: unknown) => {
          logger.warn({ err: error, project_id: projectId }, "the space is not changed yet");
          void repeater.runNow();
        });
      });
      if (off !== undefined) opened.push(off);
      opened.push(deps.bus.onReconnect(() => void repeater.runNow()));
      await repeater.runNow();
    },
    async close() {
      for (const close of opened.splice(0)) await close();
      await repeater.close();
      await Promise.allSettled(reading.values());
    },
    version,
    catchUp,
    space: (projectId) => held.get(projectId),
    stale: () => completeAt === undefined || now() - completeAt > 2.5 * refreshMs,
    async check() {
      if (completeAt === undefined) throw new Error("the catalogue was not loaded yet");
    },
  };
}

/** Hands over all changes after `from`; answers the version they lead to. */
async function readChanges(
  { catalogue }: Pick<ContentFeedDeps, "catalogue">,
  projectId: number,
  from: number,
  take: (rows: readonly CatalogueRow[]) => Promise<void>,
): Promise<number> {
  // Asked first: rows of later versions may come too, but none up to this one can be missed.
  const reached = await catalogue.version(projectId);
  let after = from;
  let afterItemId: string | undefined;
  for (;;) {
    const options = { after, limit: PAGE, ...(afterItemId === undefined ? {} : { afterItemId }) };
    const rows = await catalogue.changes(projectId, options);
    await take(rows);
    const last = rows.at(-1);
    if (last === undefined) return Math.max(from, reached);
    after = last.version;
    afterItemId = last.item.item_id;
  }
}

async function apply(
  store: ContentFeedDeps["store"],
  projectId: number,
  rows: readonly CatalogueRow[],
  space: ItemSpace | undefined,
): Promise<void> {
  const removed = rows.filter((row) => row.removed).map((row) => row.item.item_id);
  const upserted = rows.filter((row) => !row.removed).map((row) => placed(row.item, space));
  // Both begin before either is waited for.
  await Promise.all([
    ...(removed.length > 0 ? [store.remove(projectId, removed)] : []),
    ...(upserted.length > 0 ? [store.upsert(projectId, upserted)] : []),
  ]);
}

/** The item in a space: its own vector belongs to another one and is set aside. */
function placed(item: ContentItem, space: ItemSpace | undefined): ContentItem {
  if (space === undefined) return item;
  const { vector: _own, ...rest } = item;
  const vector = space.vectorOf(item);
  return vector === undefined ? rest : { ...rest, vector };
}

async function clear(store: ContentFeedDeps["store"], projectId: number): Promise<void> {
  for (;;) {
    const page = await store.list(projectId, { limit: PAGE });
    if (page.items.length === 0) return;
    await store.remove(
      projectId,
      page.items.map((item) => item.item_id),
    );
  }
}
