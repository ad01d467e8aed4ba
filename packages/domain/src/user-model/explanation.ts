export const ENGAGEMENT_STYLES = ["deep_reader", "skimmer", "sampler", "unknown"] as const;
export type EngagementStyle = (typeof ENGAGEMENT_STYLES)[number];
export const TRAJECTORIES = ["warming", "steady", "cooling", "new"] as const;
export type Trajectory = (typeof TRAJECTORIES)[number];

/** A tag a person cares about or avoids. `evidence`: items that show it, heaviest first. */
export interface ExplainedTag {
  label: string;
  /** (0, 1], relative to the strongest tag. */
  weight: number;
  evidence: string[];
}

export interface UserExplanation {
  interests: ExplainedTag[];
  aversions: ExplainedTag[];
  engagement_style: EngagementStyle;
  /** 0 = one subject, 1 = evenly spread. */
  breadth: number;
  trajectory: Trajectory;
  /** A paragraph of English that says nothing but the facts above and the counts behind them. */
  summary: string;
}
