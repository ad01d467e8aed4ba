import type { RankingRule } from "@signalpath/domain";

/** A rule that takes out nothing, at any time, for everybody. */
export const sampleRule = (parts: Partial<RankingRule>): RankingRule => ({
  id: 0,
  name: "out",
  kind: "exclude",
  item_id: null,
  tag: null,
  place: null,
  strength: null,
  from: null,
  until: null,
  placement: null,
  segment: null,
  ...parts,
});
