import { compareCodePoints } from "../events/order.ts";
import type { LoggedSlot } from "./off-policy.ts";
import { joinOutcomes, NO_OUTCOME, rewardOf, type Outcome } from "./rewards.ts";
import type { Observation } from "./sums.ts";
import type { ListDecision } from "./types.ts";

/** Items of one request whose outcomes are kept: no list is longer. */
const MAX_OUTCOMES = 100;

/** One served list and what became of its items, by the request's id. */
export interface LoggedList {
  /** Undefined while only reactions to it have been heard. */
  decision: ListDecision | undefined;
  /** By item id. */
  outcomes: Readonly<Record<string, Outcome>>;
}

/**
 * Both tellings of one list as one: associative, commutative, idempotent. A decision never changes;
 * of more outcomes than a list has items those of the first ids stand.
 */
export function joinLogged(a: LoggedList, b: LoggedList): LoggedList {
  const outcomes = new Map(Object.entries(a.outcomes));
  for (const [id, outcome] of Object.entries(b.outcomes)) {
    outcomes.set(id, joinOutcomes(outcomes.get(id) ?? NO_OUTCOME, outcome));
  }
  const kept = [...outcomes]
    .sort(([left], [right]) => compareCodePoints(left, right))
    .slice(0, MAX_OUTCOMES);
  return { decision: a.decision ?? b.decision, outcomes: Object.fromEntries(kept) };
}

/** One observation for each remembered item that was shown: once, however often it was told. */
export function observationsOf({ decision, outcomes }: LoggedList): Observation[] {
  if (decision === undefined) return [];
  return decision.items.flatMap((item, at) => {
    const reward = rewardOf(ownOf(outcomes, item.item_id));
    return reward === undefined ? [] : [{ item, place: at + 1, reward }];
  });
}

/** Explored places whose item was shown. */
export function loggedSlotsOf({ decision, outcomes }: LoggedList): LoggedSlot[] {
  return (decision?.slots ?? []).flatMap((slot) => {
    const action = slot.actions[slot.chosen];
    const reward = action === undefined ? undefined : rewardOf(ownOf(outcomes, action.item_id));
    return reward === undefined ? [] : [{ slot, reward }];
  });
}

function ownOf(outcomes: LoggedList["outcomes"], id: string): Outcome {
  return Object.hasOwn(outcomes, id) ? outcomes[id]! : NO_OUTCOME;
}
