import { rowsByUser, type Split } from "@signalpath/domain";
import { buildInteractions, type Asked, type Interactions } from "@signalpath/models";
import type { TrainingRow } from "@signalpath/ports";

/** A part to fit on and the people to ask; nothing of `tests` is in `train`. */
export interface Part {
  train: Interactions;
  /** People with rows on both sides, by id. */
  tests: Asked[];
  /** People with held out rows only: nobody is asked about them. */
  coldUsers: number;
}

/** @param flat every row counts 1; else what the file says. */
export function partOf({ train, test }: Split<TrainingRow>, flat: boolean): Part {
  const trained = new Set(train.map(({ user_id }) => user_id));
  const held = [...rowsByUser(test)].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const tests = held
    .filter(([user]) => trained.has(user))
    .map(([user, own]) => ({ user, items: own.map(({ item_id }) => item_id) }));
  return {
    train: buildInteractions(flat ? train.map((row) => ({ ...row, weight: 1 })) : train),
    tests,
    coldUsers: held.length - tests.length,
  };
}
