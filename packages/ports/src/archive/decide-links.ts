import type { ProposedLink, UserKey } from "@signalpath/domain";

export interface LinkDecision {
  /** New links in the order of their proposal, `to` being the root when it was decided. */
  accepted: { from: UserKey; to: UserKey }[];
  /** Proposals whose two ends were one person already. */
  circles: number;
}

/**
 * Decides proposed links of one project, in order. The first link of an identity stands for good,
 * so a `from` that is linked already is passed over. A link leads from a root to a root; one that
 * would lead back to its own start is dropped and counted.
 *
 * @param roots root of every linked identity among the ends of `proposed` (absent = its own root);
 *   brought up to date in place, also for those whose root was linked by this call.
 */
export function decideLinks(
  proposed: readonly ProposedLink[],
  roots: Map<UserKey, UserKey>,
): LinkDecision {
  const decision: LinkDecision = { accepted: [], circles: 0 };
  const followed = new Set(roots.values());
  for (const { from, to } of proposed) {
    if (roots.has(from)) continue;
    const root = roots.get(to) ?? to;
    if (root === from) {
      decision.circles++;
      continue;
    }
    decision.accepted.push({ from, to: root });
    if (followed.has(from)) {
      for (const [key, current] of roots) if (current === from) roots.set(key, root);
    }
    roots.set(from, root);
    followed.add(root);
  }
  return decision;
}
