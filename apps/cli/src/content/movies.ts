import { join } from "node:path";

import { deriveVector, type ContentItem } from "@signalpath/domain";
import { z } from "zod";

import type { Io } from "../io.ts";
import { csvRows } from "../replay/movielens.ts";
import type { Settings } from "../settings.ts";
import { putContent, type ImportResult } from "./put.ts";

const row = z.object({
  movieId: z.string().min(1),
  title: z.string().min(1),
  genres: z.string(),
});
export type Movie = z.output<typeof row>;

const NO_GENRE = "(no genres listed)";
/** The decade says less about a film than its genres. */
const DECADE_WEIGHT = 0.5;

/**
 * A row of MovieLens' `movies.csv` as an item: genres as tags of facet `genre`, the year of the
 * title as `published_at` and as tag `decade`, vector by `deriveVector`.
 */
export function movieItem(movie: Movie): ContentItem {
  const written = /\((\d{4})(?:[-\u2013]\d{0,4})?\)\s*$/.exec(movie.title);
  const year = written?.[1];
  const genres = movie.genres.split("|").filter((genre) => genre !== "" && genre !== NO_GENRE);
  const decade =
    year === undefined
      ? []
      : [{ facet: "decade", label: `${year.slice(0, 3)}0s`, weight: DECADE_WEIGHT }];
  const title = written === null ? movie.title.trim() : movie.title.slice(0, written.index).trim();
  const item: ContentItem = {
    item_id: movie.movieId,
    title: title === "" ? movie.title.trim() : title,
    tags: [...genres.map((label) => ({ facet: "genre", label })), ...decade],
    ...(year === undefined ? {} : { published_at: `${year}-01-01T00:00:00.000Z` }),
    metadata: { collection: "movielens", ...(year === undefined ? {} : { year: Number(year) }) },
  };
  return { ...item, vector: deriveVector(item) };
}

/** Imports `movies.csv` of a MovieLens folder. @throws CliError when it is not there or broken. */
export async function importMovies(
  io: Io,
  settings: Settings,
  folder: string,
  giveUpMs: number,
): Promise<ImportResult> {
  const items: ContentItem[] = [];
  for await (const movie of csvRows(join(folder, "movies.csv"), row)) items.push(movieItem(movie));
  return putContent(io, settings, items, giveUpMs);
}
