import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface Rating {
  user: string;
  item: string;
  rating: number;
  /** Seconds since 1970. */
  time: number;
  /** The line as it stands in ratings.csv. */
  line: string;
}

export async function readRatings(folder: string): Promise<{ header: string; ratings: Rating[] }> {
  const text = await readFile(join(folder, "ratings.csv"), "utf8");
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const ratings = lines.map((line) => {
    const [user = "", item = "", rating, time] = line.split(",");
    return { user, item, rating: Number(rating), time: Number(time), line };
  });
  return { header, ratings };
}

/**
 * Split B: each person's ratings by (time, item id), the last floor(n / 5) are test. Persons with
 * fewer than 5 ratings are all train.
 */
export function splitByTime(ratings: readonly Rating[]): { train: Rating[]; test: Rating[] } {
  const people = byUser(ratings);
  const train: Rating[] = [];
  const test: Rating[] = [];
  for (const own of people.values()) {
    const ordered = own.toSorted((a, b) => a.time - b.time || Number(a.item) - Number(b.item));
    const held = Math.floor(ordered.length / 5);
    train.push(...ordered.slice(0, ordered.length - held));
    test.push(...ordered.slice(ordered.length - held));
  }
  return { train, test };
}

export function byUser(ratings: readonly Rating[]): Map<string, Rating[]> {
  const people = new Map<string, Rating[]>();
  for (const rating of ratings) {
    const own = people.get(rating.user);
    if (own === undefined) people.set(rating.user, [rating]);
    else own.push(rating);
  }
  return people;
}
