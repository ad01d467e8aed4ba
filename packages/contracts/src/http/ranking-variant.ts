import { DAMPING_SCORERS, SCORERS } from "@signalpath/domain";
import { z } from "zod";

/** Positive weights are scaled to sum to 1: only their proportions matter. */
const MAX_WEIGHT = 10;
/** Longest list. */
const MAX_PLACES = 100;

const weights = z
  .partialRecord(z.enum(SCORERS), z.number().min(-MAX_WEIGHT).max(MAX_WEIGHT))
  .superRefine((all, ctx) => {
    for (const scorer of SCORERS) {
      const weight = all[scorer];
      if (weight === undefined || weight === 0) continue;
      const isDamping = DAMPING_SCORERS.includes(scorer);
      if (weight < 0 === isDamping) continue;
      const message = isDamping ? "takes away: at most 0" : "at least 0";
      ctx.addIssue({ code: "custom", path: [scorer], message });
    }
  });
const coldWeights = weights.refine(
  (all) => DAMPING_SCORERS.every((scorer) => all[scorer] === undefined),
  `${DAMPING_SCORERS.join(" and ")} need a model: they belong into weights`,
);
const tagCap = z.strictObject({
  max: z.int().min(1).max(MAX_PLACES),
  window: z.int().min(1).max(MAX_PLACES),
});

/** What a variation may change of a ranking. */
export const rankingVariant = z.strictObject({
  weights: weights.optional().describe("By scorer; what is not named keeps its weight"),
  cold_weights: coldWeights.optional().describe("The same for people without a model"),
  mmr_lambda: z.number().min(0).max(1).optional(),
  tag_cap: tagCap.optional().describe("At most max items of one main tag in any window places"),
  time_of_day: z.boolean().optional(),
  dismiss_damping: z.boolean().optional(),
  blend_events: z
    .number()
    .min(0)
    .max(1_000)
    .optional()
    .describe("Personal share = n / (n + blend_events), n = events of the person"),
  serendipity: z
    .boolean()
    .optional()
    .describe("Whether one place is kept for an item far from the taste"),
  bandit: z
    .boolean()
    .optional()
    .describe("Whether weights are learned from feedback; absent: as the project's policy says"),
});

const shownWeights = z.partialRecord(z.enum(SCORERS), z.number());
/** The same as stored. */
export const shownRankingVariant = z.object({
  weights: shownWeights.optional(),
  cold_weights: shownWeights.optional(),
  mmr_lambda: z.number().optional(),
  tag_cap: z.object({ max: z.int(), window: z.int() }).optional(),
  time_of_day: z.boolean().optional(),
  dismiss_damping: z.boolean().optional(),
  blend_events: z.number().optional(),
  serendipity: z.boolean().optional(),
  bandit: z.boolean().optional(),
});
