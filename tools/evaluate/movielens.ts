import { readFile } from "node:fs/promises";
import { join } from "node:path";

interface Rating {
  user_id: string;
  item_id: string;
  rating: number;
  /** Seconds since 1970. */
  time: number;
  /** The line as it stands in ratings.csv. */
  line: string;
}

/** Ratings of a MovieLens folder, in the order of the file. */
export async function readRatings(folder: string): Promise<{ header: string; ratings: Rating[] }> {
  const text = await readFile(join(folder, "ratings.csv"), "utf8");
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const ratings = lines.map((line) => {
    const [user_id = "", item_id = "", rating, time] = line.split(",");
    return { user_id, item_id, rating: Number(rating), time: Number(time), line };
  });
  return { header, ratings };
}
