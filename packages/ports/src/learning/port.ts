import type {
  LearnerSums,
  ListDecision,
  LoggedList,
  OffPolicyEstimates,
  Outcome,
} from "@signalpath/domain";

/** How a project's lists are ranked where no experiment says otherwise. */
export const RANKING_MODES = ["static", "bandit", "ltr"] as const;
export type RankingMode = (typeof RANKING_MODES)[number];

/** A list as it was served by a learner. */
export interface DecisionGiven {
  request_id: string;
  /** User or anonymous id the list was made for. */
  unit: string;
  occurred_at: string;
  event_id: string;
  mode: RankingMode;
  decision: ListDecision;
}

/** What an event says of one item of one list. */
export interface OutcomeGiven {
  request_id: string;
  /** Who says so: it is joined to a list that was made for this id, and to no other. */
  unit: string;
  item_id: string;
  occurred_at: string;
  event_id: string;
  outcome: Outcome;
}

/** Which ranking serves, and on what grounds. */
export interface RankingPolicy {
  mode: RankingMode;
  /** Trained model of kind content-ltr; null unless `mode` is ltr. */
  model_id: number | null;
  /** Promoted although its estimate does not beat what was logged. */
  forced: boolean;
  /** The estimate it was promoted by; null where none was asked for. */
  estimates: OffPolicyEstimates | null;
  changed_at: string;
}

/** What a project has learned. */
export interface Learner {
  project_id: number;
  policy: RankingPolicy;
  sums: LearnerSums;
  /** Lists whose decision is known, since the beginning. */
  decisions: number;
  updated_at: string;
}

export interface LearningRecorded {
  /** Rows that told something new. */
  recorded: number;
  /** Impressions that were counted now for the first time. */
  observed: number;
  /** Places of rows that an erasure forbids. */
  erased: number[];
}

/** A kept list, newest first. */
export interface KeptList extends LoggedList {
  request_id: string;
  /** Key of the unit that the list was made for. */
  user_key: string;
  mode: RankingMode | null;
  occurred_at: string;
}

/** Times in milliseconds before which rows go. */
export interface PruneBefore {
  /** Lists with a decision. */
  decided: number;
  /** Outcomes of lists that nobody decided: never a learner's list, or not the unit's own. */
  undecided: number;
}

/**
 * What learners remember: lists with their propensities for a while, and sums over what was
 * observed of them for good.
 * - Lists and outcomes are joined by request id and unit, whatever their order and repetition; an
 *   impression is observed once, and the sums are those of the lists as joined (to rounding).
 * - A request has one decision, the first one told. What other units say of it changes nothing,
 *   whether it comes before or after.
 * - Outcomes of a project that nobody learns for are not kept.
 * - Throws UnavailableError (retry) or RefusedError (data that no row holds).
 */
export interface Learning {
  recordDecisions(projectId: number, rows: readonly DecisionGiven[]): Promise<LearningRecorded>;
  recordOutcomes(projectId: number, rows: readonly OutcomeGiven[]): Promise<LearningRecorded>;
  learner(projectId: number): Promise<Learner | undefined>;
  /** Of all projects that learn, by project. */
  learners(): Promise<Learner[]>;
  /** From now on the project's outcomes are kept. */
  enable(projectId: number): Promise<Learner>;
  setPolicy(projectId: number, policy: Omit<RankingPolicy, "changed_at">): Promise<Learner>;
  /** Lists with a decision, newest first, at most `limit`. */
  kept(projectId: number, limit: number): Promise<KeptList[]>;
  /** Forgets what is older; what was learned of it stays. @returns rows removed. */
  prune(before: PruneBefore): Promise<number>;
  check(): Promise<void>;
}
