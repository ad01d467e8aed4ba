// `pnpm evaluate:models <MovieLens folder> [split] [kind]`: every kind with its defaults on splits A
// and B, full ranking over all items. B once more with weights that fade with age and follow ratings.
import { createHash } from "node:crypto";
import { resolve } from "node:path";

import { mean, ndcg, recall, rowsByUser, splitByHash, type Split } from "@signalpath/domain";
import {
  buildInteractions,
  decayInteractions,
  modelKinds,
  type AnyModelKind,
  type Interactions,
} from "@signalpath/models";

import { readRatings, splitRatings, type Rating } from "./movielens.ts";

const [folder = "", onlySplit, onlyKind] = process.argv.slice(2);
const { ratings } = await readRatings(resolve(folder));
const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

/** Park and Miller's generator: enough for starting factors. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function interactionsOf(train: readonly Rating[], weigh: (rating: Rating) => number): Interactions {
  return buildInteractions(
    train.map((rating) => ({
      user_id: rating.user_id,
      item_id: rating.item_id,
      weight: weigh(rating),
      time: rating.time * 1_000,
    })),
  );
}

async function evaluate(
  kind: AnyModelKind,
  interactions: Interactions,
  test: readonly Rating[],
): Promise<string> {
  const startedAt = performance.now();
  const options = { random: seeded(7), workers: 2, memoryLimitBytes: 8 * 2 ** 30 };
  const model = await kind.train(interactions, {}, options);
  const trained = performance.now();
  const people = [...rowsByUser(test)].map(([user, own]) => ({
    list: kind.score(model, { user }, { k: 20 }).map((item) => item.item_id),
    relevant: new Set(own.map((rating) => rating.item_id)),
  }));
  const scored = performance.now();
  const at = (measure: typeof ndcg, k: number) =>
    mean(people.map(({ list, relevant }) => measure(list, relevant, k))).toFixed(4);
  const seconds = ((trained - startedAt) / 1_000).toFixed(1);
  const each = ((scored - trained) / people.length).toFixed(2);
  return [at(ndcg, 20), at(recall, 20), at(ndcg, 10), seconds, each].join(" | ");
}

const byHash = splitByHash(ratings, sha1);
const byTime = splitRatings(ratings);
const flat = () => 1;
const cases: [string, Split<Rating>, Interactions][] = [
  ["A", byHash, interactionsOf(byHash.train, flat)],
  ["B", byTime, interactionsOf(byTime.train, flat)],
  [
    "B-fading",
    byTime,
    decayInteractions(
      interactionsOf(byTime.train, ({ rating }) => rating / 5),
      { half_life_items: 5, floor: 0.08 },
    ),
  ],
];
console.log("| split | kind | ndcg@20 | recall@20 | ndcg@10 | train, s | score, ms a user |");
for (const [name, { test }, interactions] of cases) {
  if (onlySplit !== undefined && onlySplit !== name) continue;
  for (const kind of Object.values(modelKinds)) {
    if (onlyKind !== undefined && onlyKind !== kind.name) continue;
    console.log(`| ${name} | ${kind.name} | ${await evaluate(kind, interactions, test)} |`);
  }
}
