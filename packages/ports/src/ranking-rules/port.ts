import type { RankingRule } from "@signalpath/domain";

import type { Rows, RowsRequest } from "../model-catalogue/port.ts";

/** A rule of a project. Times are ISO 8601 UTC. */
export interface StoredRankingRule extends RankingRule {
  project_id: number;
  /** `false`: kept, but holds for no list. */
  is_active: boolean;
  created_at: string;
  updated_at: string;
}

export type NewRankingRule = Omit<StoredRankingRule, "id" | "created_at" | "updated_at">;
export type RankingRuleChanges = Partial<Omit<NewRankingRule, "project_id">>;

/** What merchandisers want of rankings, of all projects. */
export interface RankingRules {
  /** Throws RefusedError: unknown project. */
  create(rule: NewRankingRule): Promise<StoredRankingRule>;
  get(id: number): Promise<StoredRankingRule | undefined>;
  /** In the order of their ids. */
  list(request: RowsRequest & { is_active?: boolean }): Promise<Rows<StoredRankingRule>>;
  /** Changes one rule as nobody else does at the same time; undefined when there is none. */
  update(
    id: number,
    change: (current: StoredRankingRule) => RankingRuleChanges,
  ): Promise<StoredRankingRule | undefined>;
  remove(id: number): Promise<boolean>;
  check(): Promise<void>;
}
