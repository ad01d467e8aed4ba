import { seededRandom } from "./explore.ts";
import { loggedSlotsOf, observationsOf, type LoggedList } from "./logged-list.ts";
import type { CrossFittedSlot, RewardModel } from "./off-policy.ts";
import { posteriorOf } from "./posterior.ts";
import { addObservations, emptyLearnerSums } from "./sums.ts";

/** A list with what tells whose it was. */
export interface PersonalList extends LoggedList {
  request_id: string;
  /** Key of the unit that the list was made for. */
  user_key: string;
}

/**
 * Explored places of lists, each with the reward model fitted to the other half of them: what was
 * drawn and earned in a list says nothing of the model that corrects it, so that a doubly robust
 * estimate stays unbiased (cross-fitting with two folds: Chernozhukov et al., The Econometrics
 * Journal 21, 2018, definition 3.2). Halves are drawn by request id, apart from what is explored.
 */
export function crossFit(lists: readonly PersonalList[]): CrossFittedSlot[] {
  const halves = [true, false].map((half) =>
    lists.filter(({ request_id }) => isFirstHalf(request_id) === half),
  );
  const [first = [], second = []] = halves;
  return [...slotsOf(first, modelOf(second)), ...slotsOf(second, modelOf(first))];
}

function isFirstHalf(requestId: string): boolean {
  return seededRandom(`fold:${requestId}`)() < 0.5;
}

function modelOf(lists: readonly LoggedList[]): RewardModel {
  const { predict } = posteriorOf(
    addObservations(emptyLearnerSums(), lists.flatMap(observationsOf)),
  );
  return (item, place) => predict(item, place).mean;
}

function slotsOf(lists: readonly PersonalList[], expected: RewardModel): CrossFittedSlot[] {
  return lists.flatMap((list) =>
    loggedSlotsOf(list).map((logged) => ({ ...logged, person: list.user_key, expected })),
  );
}
