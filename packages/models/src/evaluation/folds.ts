import type { Interactions } from "../interactions/types.ts";
import { createRandom } from "./random.ts";
import { divide, type Parts, type SplitScheme } from "./split.ts";
import { takeEntries } from "./take-entries.ts";

/** Newest share of a person's entries (of all entries for `time`) that a further fold may leave out. */
const MOST_LEFT_OUT = 0.3;

/**
 * Validation parts of a training part, one or more. `random` and `A`: each holds back another seeded
 * fifth. By time: the first holds back the newest as `divide` does; the others do so after a seeded
 * share of the newest entries, up to 30 %, was left out, of each person anew or for `time` of all.
 * More of them average out what one part has by chance.
 * @param options.every one entry in so many is held back, 2 or more; 5 unless told. The more, the closer a
 * fit is to one on all of the training part, and the fewer there are to find.
 */
export function validationFolds(
  train: Interactions,
  {
    scheme,
    seed,
    count,
    every,
  }: { scheme: SplitScheme; seed: number; count: number; every?: number },
): [Parts, ...Parts[]] {
  const later = Array.from({ length: Math.max(0, count - 1) }, (_, at) => at + 1);
  if (scheme === "A" || scheme === "random" || train.times === undefined) {
    const fold = (at: number) => divide(train, "random", seed + 1_000 * at, every);
    return [fold(0), ...later.map(fold)];
  }
  return [
    divide(train, scheme, seed, every),
    ...later.map((at) => {
      const random = createRandom(seed, `fold ${at}`);
      return divide(takeEntries(train, olderEntries(train, scheme, random)), scheme, seed, every);
    }),
  ];
}

/** Says of an entry whether it is older than what is left out. */
function olderEntries(
  { matrix, times = new Float64Array() }: Interactions,
  scheme: SplitScheme,
  random: () => number,
): (entry: number) => boolean {
  if (scheme === "time") {
    const share = MOST_LEFT_OUT * random();
    const until = times.toSorted()[Math.ceil(times.length * (1 - share)) - 1] ?? 0;
    return (entry) => times[entry]! <= until;
  }
  const kept = new Uint8Array(times.length).fill(1);
  for (let user = 0; user + 1 < matrix.indptr.length; user++) {
    const begin = matrix.indptr[user]!;
    const own = Array.from({ length: matrix.indptr[user + 1]! - begin }, (_, at) => begin + at);
    own.sort((a, b) => times[b]! - times[a]! || b - a);
    const left = Math.floor(own.length * MOST_LEFT_OUT * random());
    for (const at of own.slice(0, left)) kept[at] = 0;
  }
  return (entry) => kept[entry] === 1;
}
