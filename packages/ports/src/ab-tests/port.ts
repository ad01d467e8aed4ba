import type { Once } from "../experiment-events/port.ts";
import type { Rows, RowsRequest } from "../model-catalogue/port.ts";

export type AbTestStatus = "DRAFT" | "RUNNING" | "COMPLETED" | "CANCELLED";
export type AbTestMetric = "ctr" | "purchase_rate" | "conversion_rate";

export interface NewAbTest {
  project_id: number;
  name: string;
  control_slot: number;
  variant_slot: number;
  target_metric_name: AbTestMetric;
  min_sample_size: number;
  /** .5 .. .99 */
  confidence_level: number;
}

/** A comparison of two deployment slots. Times are ISO 8601 UTC. */
export interface AbTest extends NewAbTest {
  id: number;
  status: AbTestStatus;
  started_at: string | null;
  ended_at: string | null;
  winner_slot: number | null;
  created_at: string;
  updated_at: string;
}

export type AbTestChanges = Partial<
  Omit<AbTest, "id" | "project_id" | "created_at" | "updated_at">
>;

/** Tests of all projects. None is ever removed. */
export interface AbTests {
  /** Throws RefusedError: unknown project. */
  create(test: NewAbTest): Promise<AbTest>;
  get(id: number): Promise<AbTest | undefined>;
  /** In the order of their ids. */
  list(request: RowsRequest & { status?: AbTestStatus }): Promise<Rows<AbTest>>;
  /**
   * Changes one test as nobody else does at the same time. Undefined when there is none; rethrows
   * what `change` throws.
   */
  update(id: number, change: (current: AbTest) => AbTestChanges): Promise<AbTest | undefined>;
  /**
   * The winner gets all the weight, the other slot is switched off, and the test names the winner:
   * all or nothing. Undefined when there is no such test; rethrows what `decide` throws.
   * @throws RefusedError the winner's slot is gone; KeyReusedError.
   */
  promote(
    id: number,
    decide: (current: AbTest) => { winner: number; loser: number },
    once?: Once,
  ): Promise<AbTest | undefined>;
  check(): Promise<void>;
}
