import { rowsByUser, type Split } from "@signalpath/domain";
import { buildInteractions, type Interactions } from "@signalpath/models";
import type { TrainingRow } from "@signalpath/ports";

export interface TestUser {
  user: string;
  /** What is to be found. */
  items: ReadonlySet<string>;
  /** Items of theirs that are fitted on. */
  trained: number;
}

/** A part to fit on and the people to ask; nothing of `tests` is in `train`. */
export interface Part {
  train: Interactions;
  /** People with rows on both sides, by id. */
  tests: TestUser[];
  /** People of `train`. */
  users: number;
  /** How many people of `train` have each item. */
  itemUsers: ReadonlyMap<string, number>;
  /** People with held out rows only: nobody is asked about them. */
  coldUsers: number;
}

/** @param flat every row counts 1; else what the file says. */
export function partOf({ train, test }: Split<TrainingRow>, flat: boolean): Part {
  const trained = rowsByUser(train);
  const held = [...rowsByUser(test)].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const tests = held.flatMap(([user, own]) => {
    const count = trained.get(user)?.length;
    if (count === undefined) return [];
    return [{ user, items: new Set(own.map(({ item_id }) => item_id)), trained: count }];
  });
  const itemUsers = new Map<string, number>();
  for (const { item_id } of train) itemUsers.set(item_id, (itemUsers.get(item_id) ?? 0) + 1);
  return {
    train: buildInteractions(flat ? train.map((row) => ({ ...row, weight: 1 })) : train),
    tests,
    users: trained.size,
    itemUsers,
    coldUsers: held.length - tests.length,
  };
}
