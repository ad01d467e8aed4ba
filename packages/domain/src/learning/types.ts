/** One candidate as a learner sees it. */
export interface LearnerItem {
  item_id: string;
  /** What the static weights gave it, 0 or more. */
  static_score: number;
  /** Scorer values in the order of `SCORERS`, [0, 1]. */
  values: readonly number[];
}

/** Something that could have stood in an explored place, and how probable that was. */
export interface SlotAction extends LearnerItem {
  /** (0, 1]; those of one slot sum to 1. */
  propensity: number;
}

/** One place of a list that was left to chance. */
export interface ExploredSlot {
  /** 1-based place in the list. */
  place: number;
  /** Which of `actions` stood there; the first one is what the ranking itself had put there. */
  chosen: number;
  actions: readonly SlotAction[];
}

/** What a learner must know later of one list: what stood where, and what else could have. */
export interface ListDecision {
  /** The first places of the list, in order. */
  items: readonly LearnerItem[];
  slots: readonly ExploredSlot[];
}
