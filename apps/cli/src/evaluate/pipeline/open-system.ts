import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";

import { ingestResponse, recommendResponse, userModelResponse } from "@signalpath/contracts";
import type { TrainingRow } from "@signalpath/ports";
import { z } from "zod";

import { apiKeyHeader, createClient, writeKeyHeader } from "../../client.ts";
import { importMovies } from "../../content/movies.ts";
import { putContent } from "../../content/put.ts";
import { CliError, EXIT } from "../../exit-codes.ts";
import type { Io } from "../../io.ts";
import { mapTimes } from "../../replay/map-times.ts";
import type { Settings } from "../../settings.ts";

/** What the calls of a walk may take before they fail, milliseconds. */
const GIVE_UP_MS = 60_000;
const BATCH = 200;
/** A model shows the newest events of a person only. */
const MOST_EVENTS = 2_000;
const POLL_MS = 5;

/** A list, and what it was made with. */
interface ShownList {
  items: string[];
  /** The trained model behind it; null: none was live. */
  model: { model_id: number; version: number } | null;
}

/** A running Signalpath as a walk sees it. */
export interface System {
  /** Takes in a row of those it was opened with; it is on its way at the latest when somebody is asked about. */
  send(row: TrainingRow): Promise<void>;
  /** Sends what is still waiting. */
  flush(): Promise<void>;
  /**
   * Waits until the model of a person shows all that was sent of them; false: it took longer than
   * `giveUpMs`, a minute when absent.
   */
  caughtUp(user: string, giveUpMs?: number): Promise<boolean>;
  /** The list this person would be shown now. */
  recommend(user: string, limit: number): Promise<ShownList>;
}

/**
 * Puts the catalogue in and answers with the means to walk. Times of rows are mapped onto the 29
 * days before now, in their order.
 * @param rows all that will be sent, in the order of time; they may be sent in another.
 * @throws CliError.
 */
export async function openSystem(
  io: Io,
  settings: Settings,
  rows: readonly (TrainingRow & { time: number })[],
  folder: string | undefined,
): Promise<System> {
  const client = createClient(io, {
    url: settings.url,
    auth: apiKeyHeader(settings.key("api_key")),
    giveUpMs: GIVE_UP_MS,
  });
  const auth =
    settings.givenKey === undefined
      ? writeKeyHeader(settings.key("write_key"))
      : apiKeyHeader(settings.givenKey);
  const ingest = createClient(io, { url: settings.url, auth, giveUpMs: GIVE_UP_MS });
  await putCatalogue(io, settings, rows, folder);
  const times = mapTimes(
    rows.map(({ time }) => time),
    Math.floor(io.now() / 1_000) * 1_000,
  );
  const timeOf = new Map<TrainingRow, number>(rows.map((row, at) => [row, times[at]!]));
  const bodyOf = createBodies(rows);
  const sentOf = new Map<string, number>();
  let waiting: unknown[] = [];

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const body = waiting;
    waiting = [];
    const call = { method: "POST", path: "/api/ingest", body, response: ingestResponse } as const;
    const { accepted, duplicates, received } = await ingest.call(call);
    if (accepted + duplicates === received) return;
    throw new CliError("REFUSED", "the system took only part of the events", EXIT.refused);
  }

  const eventsOf = async (user: string): Promise<number> => {
    const call = {
      method: "GET",
      path: "/api/usermodel",
      query: { user_id: user },
      response: userModelResponse.pick({ n_events: true }),
    } as const;
    try {
      return (await client.call(call)).n_events;
    } catch (error) {
      // Nobody of this name yet.
      if (error instanceof CliError && error.code === "USER_MODEL_NOT_FOUND") return 0;
      throw error;
    }
  };

  return {
    async send(row) {
      waiting.push(bodyOf(row, timeOf.get(row) ?? io.now()));
      sentOf.set(row.user_id, (sentOf.get(row.user_id) ?? 0) + 1);
      if (waiting.length >= BATCH) await flush();
    },
    flush,
    async caughtUp(user, giveUpMs = GIVE_UP_MS) {
      await flush();
      const expected = Math.min(MOST_EVENTS, sentOf.get(user) ?? 0);
      const deadline = io.now() + giveUpMs;
      while ((await eventsOf(user)) < expected) {
        io.signal.throwIfAborted();
        if (io.now() > deadline) return false;
        await io.sleep(POLL_MS);
      }
      return true;
    },
    async recommend(user, limit) {
      const { items, diagnostics } = await client.call({
        method: "GET",
        path: "/api/recommend",
        query: { user_id: user, limit },
        response: recommendResponse.extend({ items: z.array(z.object({ item_id: z.string() })) }),
      });
      const model = diagnostics.collaborative_model ?? null;
      return { items: items.map(({ item_id }) => item_id), model };
    },
  };
}

async function putCatalogue(
  io: Io,
  settings: Settings,
  rows: readonly TrainingRow[],
  folder: string | undefined,
): Promise<void> {
  if (folder !== undefined && (await isFile(join(folder, "movies.csv")))) {
    await importMovies(io, settings, folder, GIVE_UP_MS);
    return;
  }
  const items = [...new Set(rows.map(({ item_id }) => item_id))];
  await putContent(
    io,
    settings,
    items.map((item_id) => ({ item_id, title: item_id, tags: [] })),
    GIVE_UP_MS,
  );
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Rows as events: ratings where weights are on a scale up to 5, likes where they say no more. */
function createBodies(rows: readonly TrainingRow[]) {
  const most = rows.reduce((max, { weight }) => Math.max(max, weight), 0);
  const areRatings = most > 1 && most <= 5;
  return ({ user_id, item_id, weight }: TrainingRow, time: number) => ({
    type: "track",
    messageId: createHash("sha256").update(`${user_id}\0${item_id}`).digest("hex").slice(0, 32),
    userId: user_id,
    timestamp: new Date(time).toISOString(),
    ...(areRatings
      ? {
          event: "Product Reviewed",
          properties: { product_id: item_id, rating: Math.max(1, weight) },
        }
      : { event: "Tip Feedback", properties: { item_id, reaction: "like" } }),
  });
}
