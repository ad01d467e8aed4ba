import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";

import { parse } from "csv-parse";
import { z } from "zod";

import { usageError } from "../exit-codes.ts";
import type { ReplayEvent, ReplaySource } from "./event.ts";
import { mapTimes } from "./map-times.ts";

export interface Rating {
  user: string;
  movie: string;
  /** 0.5 to 5. */
  rating: number;
  /** Seconds since 1970. */
  time: number;
}

const row = z.object({
  userId: z.string().min(1),
  movieId: z.string().min(1),
  rating: z.coerce.number().min(0).max(5),
  timestamp: z.coerce.number().int().nonnegative(),
});

/** Rows of a MovieLens file, checked one by one. @throws CliError naming file and row. */
export async function* csvRows<S extends z.ZodType>(
  path: string,
  schema: S,
): AsyncIterable<z.output<S>> {
  const parser = createReadStream(path).pipe(parse({ columns: true, bom: true }));
  let line = 1;
  for await (const record of parser as AsyncIterable<unknown>) {
    line++;
    const parsed = schema.safeParse(record);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw usageError(
        `${basename(path)} row ${line}: ${issue?.path.join(".")} ${issue?.message ?? "is wrong"}`,
      );
    }
    yield parsed.data;
  }
}

/** Order of a replay: time, then user, then movie, so that ties always fall the same way. */
export function byTime(a: Rating, b: Rating): number {
  return a.time - b.time || compareIds(a.user, b.user) || compareIds(a.movie, b.movie);
}

function compareIds(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (Number.isFinite(difference) && difference !== 0) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A rating as the event a shop would send: `Product Reviewed` of RudderStack's e-commerce spec.
 * The half star of MovieLens becomes one star: the scale of events starts at 1.
 */
export function ratingEvent(rating: Rating, occurredMs: number): unknown {
  return {
    type: "track",
    event: "Product Reviewed",
    messageId: `ml-${rating.user}-${rating.movie}`,
    userId: rating.user,
    timestamp: new Date(occurredMs).toISOString(),
    properties: { product_id: rating.movie, rating: Math.max(1, rating.rating) },
    context: { library: { name: "signalpath-replay" } },
  };
}

/**
 * A folder with MovieLens' `ratings.csv` (userId, movieId, rating, timestamp), sorted by time and
 * mapped onto the 29 days before `untilMs`. Times are those of the whole file, whichever users are
 * asked for. All ratings are held in memory (about 150 bytes each).
 */
export async function openMovieLens(
  folder: string,
  options: { untilMs: number; users?: ReadonlySet<string> },
): Promise<ReplaySource> {
  const path = join(folder, "ratings.csv");
  const ratings: Rating[] = [];
  for await (const { userId, movieId, rating, timestamp } of csvRows(path, row)) {
    ratings.push({ user: userId, movie: movieId, rating, time: timestamp });
  }
  ratings.sort(byTime);
  const times = mapTimes(
    ratings.map((rating) => rating.time),
    options.untilMs,
  );
  const { users } = options;
  const kept = ratings
    .map((rating, i) => ({ rating, occurredMs: times[i] as number }))
    .filter(({ rating }) => users === undefined || users.has(rating.user));
  return {
    kind: "movielens",
    total: kept.length,
    fingerprint: `${(await stat(path)).size}`,
    async *events() {
      for (const [index, { rating, occurredMs }] of kept.entries()) {
        const body = ratingEvent(rating, occurredMs);
        yield { index, body, bytes: 300, person: rating.user } satisfies ReplayEvent;
      }
    },
  };
}
