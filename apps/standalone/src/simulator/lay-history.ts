import type { ContentItem } from "@signalpath/domain";

import { interestIn, meetItem, showList } from "./behave.ts";
import { seededRandom } from "./random.ts";
import type { Sender } from "./sender.ts";
import type { Visitor } from "./visitors.ts";

/** Enough for a clear taste, few enough to leave much unseen. */
const LOVED = 6;
const BORING = 1;

/**
 * A first visit, sent through the webhook: some items of the visitor's taste, shown, read and liked.
 */
export async function layHistory(
  sender: Sender,
  visitor: Visitor,
  items: readonly ContentItem[],
  seed = 7,
): Promise<number> {
  const random = seededRandom(seed);
  const loved = items.filter((item) => interestIn(visitor, item) > 0).slice(0, LOVED);
  const boring = items.filter((item) => interestIn(visitor, item) < 0).slice(0, BORING);
  const acts = [...loved, ...boring].flatMap((item) => {
    const met = meetItem(visitor, item, random);
    const agoMs = Math.max(...met.map((act) => act.agoMs));
    return [...showList([item.item_id]).map((act) => ({ ...act, agoMs })), ...met];
  });
  return sender.send(visitor, acts);
}
