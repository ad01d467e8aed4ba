import { SCORERS } from "@signalpath/domain";
import { z } from "zod";

const interval = z
  .object({
    value: z.number(),
    low: z.number().nullable().describe("null: unbounded, too little was logged"),
    high: z.number().nullable(),
  })
  .describe("Mean reward with its 95 % interval");

/** Off-policy estimates of a ranking over logged propensities. */
export const learningEstimates = z
  .object({
    target: z.string().describe("static, bandit, or model:<id>"),
    slots: z.int().describe("Explored places whose item was shown"),
    effective: z.number().describe("Effective sample size of the importance weights"),
    logged: interval,
    ips: interval,
    snips: interval,
    doubly_robust: interval,
    gain: interval.describe("Doubly robust estimate minus what was logged, place by place"),
    promotable: z.boolean().describe("The lower bound of the gain is above 0"),
  })
  .meta({ id: "LearningEstimates" });
export type LearningEstimates = z.output<typeof learningEstimates>;

/** What a learner knows and which ranking serves. */
export const learningStatus = z
  .object({
    project: z.int(),
    mode: z.enum(["static", "bandit", "ltr"]),
    model_id: z.int().nullable(),
    forced: z.boolean().describe("Promoted although the estimates did not beat what was logged"),
    promoted_by: z.unknown().describe("The estimates it was promoted by, where any were asked for"),
    changed_at: z.string(),
    status: z.enum(["cold", "learning", "converged"]),
    updates: z.int().describe("Impressions learned from, each once"),
    decisions: z.int().describe("Lists logged"),
    mean_reward: z.number(),
    updated_at: z.string().nullable(),
    weights: z.array(
      z.object({
        scorer: z.enum(SCORERS),
        shift: z.number().describe("Added to the static weight"),
        deviation: z.number(),
        confidence: z.number().min(0).max(1),
      }),
    ),
  })
  .meta({ id: "LearningStatus" });
export type LearningStatus = z.output<typeof learningStatus>;

/** Which ranking is to serve. */
export const policyBody = z
  .strictObject({
    mode: z.enum(["static", "bandit", "ltr"]),
    model_id: z.int().positive().optional().describe("Serving model of kind content-ltr, with ltr"),
    force: z.boolean().default(false).describe("Also without an estimate that beats what serves"),
  })
  .refine((body) => (body.mode === "ltr") === (body.model_id !== undefined), {
    message: "goes with mode ltr, and only with it",
    path: ["model_id"],
  });

const modelId = z.coerce.number().int().positive().optional();
export const evaluateQuery = z.object({
  target: z.enum(["static", "bandit", "ltr"]),
  model_id: modelId.describe("With target ltr"),
});
export const examplesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(2_000).default(2_000),
});

/** Observations a ranker is trained from, newest lists first. */
export const learningExamples = z
  .object({
    features: z.array(z.string()),
    examples: z.array(z.object({ x: z.array(z.number()), reward: z.number() })),
  })
  .meta({ id: "LearningExamples" });
