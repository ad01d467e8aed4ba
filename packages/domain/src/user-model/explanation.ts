/** Deep readers stay and finish, skimmers leave early, samplers are between the two. */
export type EngagementStyle = "deep_reader" | "skimmer" | "sampler" | "unknown";
/** How the recent items were met, against those before them; `new`: too few to tell. */
export type Trajectory = "warming" | "steady" | "cooling" | "new";

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
