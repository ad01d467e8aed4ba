import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import { openMovieLens } from "@signalpath/cli/internal/replay/movielens.ts";
import { movieItem } from "@signalpath/cli/internal/content/movies.ts";
import type { ContentItem, UserSignals } from "@signalpath/domain";

import { send } from "../bench/http.ts";
import { cliJson } from "@signalpath/stack/cli.ts";
import { shownPart } from "./oracle.ts";

/** Where one system answers, whether it is one process or four. */
export interface Target {
  ingest: string;
  recommender: string;
  management: string;
  keys: { write: string; api: string };
}

/** Bodies a replay of `folder` sends, in its order. */
export async function replayBodies(folder: string, until: string): Promise<unknown[]> {
  const source = await openMovieLens(folder, { untilMs: Date.parse(until) });
  const bodies: unknown[] = [];
  for await (const entry of source.events()) if ("body" in entry) bodies.push(entry.body);
  return bodies;
}

/** A small catalogue that some of the rated films are in, the same for every system under test. */
export function someItems(): ContentItem[] {
  const genres = ["Drama", "Comedy", "Thriller", "Romance|Comedy", "Action|Sci-Fi", "Documentary"];
  return Array.from({ length: 300 }, (_unused, i) =>
    movieItem({
      movieId: String(i + 1),
      title: `Film ${i + 1} (${1960 + (i % 60)})`,
      genres: genres[i % genres.length] as string,
    }),
  );
}

export async function importItems(target: Target, items: readonly ContentItem[]): Promise<void> {
  await send(
    "PUT",
    `${target.management}/api/content`,
    { "x-api-key": target.keys.api },
    { items },
  );
}

export interface ReplayCounts {
  accepted: number;
  duplicates: number;
  total: number;
}

export function replay(
  target: Target,
  folder: string,
  options: { until: string; state: string; more?: readonly string[] },
): Promise<ReplayCounts> {
  return cliJson<ReplayCounts>([
    "replay",
    folder,
    "--until",
    options.until,
    "--state",
    options.state,
    "--url",
    target.ingest,
    "--key",
    target.keys.write,
    ...(options.more ?? []),
  ]);
}

/**
 * Each person's model as the system shows it once it is the expected one; what it shows after
 * `timeoutMs` otherwise. The number of events tells nothing: a full buffer stays at its cap.
 */
export async function shownModels(
  target: Target,
  expected: ReadonlyMap<string, UserSignals>,
  timeoutMs: number,
): Promise<Map<string, Record<string, unknown>>> {
  const deadline = Date.now() + timeoutMs;
  const wanted = shownExpected(expected);
  const shown = new Map<string, Record<string, unknown>>();
  for (const user of expected.keys()) {
    const url = `${target.recommender}/api/usermodel?user_id=${encodeURIComponent(user)}`;
    for (;;) {
      const response = await fetch(url, { headers: { "x-api-key": target.keys.api } });
      const body = (await response.json()) as Record<string, unknown>;
      shown.set(user, response.status === 200 ? shownPart(body) : body);
      if (isDeepStrictEqual(shown.get(user), wanted.get(user)) || Date.now() > deadline) break;
      await sleep(100);
    }
  }
  return shown;
}

export function shownExpected(
  expected: ReadonlyMap<string, UserSignals>,
): Map<string, Record<string, unknown>> {
  // Through JSON, as the wire does it: an absent field and an undefined one are the same there.
  return new Map(
    [...expected].map(([user, model]) => [
      user,
      JSON.parse(JSON.stringify(shownPart(model))) as Record<string, unknown>,
    ]),
  );
}
