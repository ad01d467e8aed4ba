import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { rowsByUser } from "@signalpath/domain";

import { readRatings } from "../evaluate/movielens.ts";

/** Real ratings beside the checkout, where they are. */
export const movieLens = fileURLToPath(
  new URL("../../../shared/data/ml-latest-small", import.meta.url),
);
export const hasMovieLens = existsSync(join(movieLens, "ratings.csv"));

/**
 * A folder shaped like MovieLens with `people` persons, real ones when the data is there, else made
 * up: the tests run without it too.
 */
export async function sampleFolder(
  people: number,
): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "signalpath-sample-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  const lines = hasMovieLens ? await realLines(people) : madeUpLines(people);
  await writeFile(
    join(folder, "ratings.csv"),
    `userId,movieId,rating,timestamp\n${lines.join("\n")}\n`,
  );
  return { folder, remove };
}

async function realLines(people: number): Promise<string[]> {
  const { ratings } = await readRatings(movieLens);
  // The longest history (beyond the buffer's cap) is always among them.
  const groups = [...rowsByUser(ratings).values()].toSorted((a, b) => b.length - a.length);
  const longest = groups.slice(0, 1);
  const short = groups.filter((own) => own.length <= 200).slice(0, people - 1);
  return [...longest, ...short].flat().map((rating) => rating.line);
}

function madeUpLines(people: number): string[] {
  const lines: string[] = [];
  for (let user = 1; user <= people; user++) {
    const count = user === 1 ? 2_300 : 40 + ((user * 37) % 120);
    for (let n = 0; n < count; n++) {
      const movie = ((user * 7_919 + n * 104_729) % 9_000) + 1;
      const line = `${user},${movie},${(n % 10) / 2 + 0.5},${1_000_000_000 + n * 3_600 + user}`;
      if (!lines.includes(line)) lines.push(line);
    }
  }
  return lines;
}
