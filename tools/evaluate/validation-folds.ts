// `npx tsx tools/evaluate/validation-folds.ts <MovieLens folder> <A|B> <folds> <seed> 'ease{"lambda":100}' ...`:
// mean ndcg@20 of candidates on validation parts alone, and fold by fold against the first of them: how
// sure a choice of parameters is. `<folds>/<n>` holds back one row in n instead of one in five. The test
// part is not read. On A every row counts 1.
import { mean } from "@signalpath/domain";
import {
  buildInteractions,
  divide,
  fit,
  recommendBy,
  scoreLists,
  validationFolds,
} from "@signalpath/models";

import { readRatings } from "./movielens.ts";

const [folder = "", split, countText = "", seedText, ...named] = process.argv.slice(2);
if ((split !== "A" && split !== "B") || named.length === 0) {
  throw new Error("say a folder, A or B, how many folds, a seed, and candidates");
}
const seed = Number(seedText);
const [count, every = 5] = countText.split("/").map(Number);
if (!(Number(count) >= 1) || !(every >= 2))
  throw new Error("folds are 1 or more, of one row in 2 or more");
const { ratings } = await readRatings(folder);
const rows = ratings.map(({ user_id, item_id, rating, time }) => ({
  user_id,
  item_id,
  weight: split === "A" ? 1 : rating,
  time: time * 1_000,
}));
const { train } = divide(buildInteractions(rows), split, seed);
const folds = validationFolds(train, {
  scheme: split,
  seed: seed + 1,
  count: Number(count),
  every,
});
const candidates = named.map((text) => {
  const [kind = ""] = text.split("{");
  const parameters = text.slice(kind.length);
  return {
    text,
    kind,
    parameters: JSON.parse(parameters === "" ? "{}" : parameters) as Record<string, unknown>,
  };
});
const options = { seed, threads: 1, memoryLimitBytes: 4 * 2 ** 30 };

let first: number[] | undefined;
for (const candidate of candidates) {
  const each: number[] = [];
  for (const fold of folds) {
    const fitted = await fit(candidate, fold.train, options);
    each.push(scoreLists(recommendBy(fitted), fold.tests));
  }
  first ??= each;
  const more = each.map((value, at) => value - (first as number[])[at]!);
  const shown = more.map((value) => value.toFixed(4)).join(" ");
  console.log(`${mean(each).toFixed(4)}  ${mean(more).toFixed(4)} (${shown})  ${candidate.text}`);
}
