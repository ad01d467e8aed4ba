// `pnpm evaluate:pipeline <MovieLens folder>`: split B through the whole standalone - webhook,
// archive, models, recommend - against popularity on the same split.
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { cliJson } from "@signalpath/stack/cli.ts";
import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";
import { mean, ndcg, recall, rowsByUser } from "@signalpath/domain";

import { readRatings, splitRatings, type Rating } from "./movielens.ts";

const folder = resolve(process.argv[2] ?? "");
const { header, ratings } = await readRatings(folder);
const { train, test } = splitRatings(ratings);
const relevant = new Map(
  [...rowsByUser(test)].map(([user, own]) => [user, new Set(own.map((rating) => rating.item_id))]),
);

function report(name: string, lists: ReadonlyMap<string, readonly string[]>): void {
  const people = [...relevant];
  const at = (measure: typeof ndcg, k: number) =>
    mean(people.map(([user, items]) => measure(lists.get(user) ?? [], items, k))).toFixed(4);
  console.log(
    `${name.padEnd(12)} ndcg@10 ${at(ndcg, 10)}  ndcg@20 ${at(ndcg, 20)}  recall@20 ${at(recall, 20)}`,
  );
}

function popularity(seen: ReadonlyMap<string, Rating[]>): Map<string, string[]> {
  const counts = new Map<string, number>();
  for (const rating of train) counts.set(rating.item_id, (counts.get(rating.item_id) ?? 0) + 1);
  const ranked = [...counts].toSorted((a, b) => b[1] - a[1]).map(([item]) => item);
  return new Map(
    [...relevant.keys()].map((user) => {
      const own = new Set(seen.get(user)?.map((rating) => rating.item_id));
      return [user, ranked.filter((item) => !own.has(item)).slice(0, 20)];
    }),
  );
}

async function replayTrain(standalone: StandaloneProcess): Promise<void> {
  const part = await mkdtemp(join(tmpdir(), "signalpath-split-"));
  try {
    await symlink(join(folder, "movies.csv"), join(part, "movies.csv"));
    await writeFile(
      join(part, "ratings.csv"),
      `${[header, ...train.map((rating) => rating.line)].join("\n")}\n`,
    );
    const startedAt = performance.now();
    const credentials = ["--url", standalone.url, "--key", standalone.keys.api];
    const done = await cliJson<Record<string, unknown>>([
      "replay",
      part,
      "--content",
      "--state",
      join(part, "state.json"),
      ...credentials,
    ]);
    const seconds = (performance.now() - startedAt) / 1_000;
    console.log(`replayed in ${seconds.toFixed(1)} s: ${JSON.stringify(done)}`);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function pipelineLists(standalone: StandaloneProcess): Promise<Map<string, string[]>> {
  const lists = new Map<string, string[]>();
  for (const user of relevant.keys()) {
    const response = await fetch(`${standalone.url}/api/recommend?user_id=${user}&limit=20`, {
      headers: { "x-api-key": standalone.keys.api },
    });
    const body = (await response.json()) as { items: { item_id: string }[]; strategy: string };
    if (!response.ok) throw new Error(JSON.stringify(body));
    lists.set(
      user,
      body.items.map((item) => item.item_id),
    );
  }
  return lists;
}

report("popularity", popularity(rowsByUser(train)));
const standalone = await startStandalone({ demo: false });
try {
  await replayTrain(standalone);
  // Neighbours are counted once a minute, statistics are read every ten seconds.
  await sleep(Number(process.env["SETTLE_SECONDS"] ?? 90) * 1_000);
  report("pipeline", await pipelineLists(standalone));
} finally {
  await standalone.stop();
}
