import { subjects } from "@signalpath/contracts";
import { normaliseRate, reactionRate, tipsOf } from "@signalpath/domain";

import type { BatchedFeature } from "../feature.ts";

export const feature: BatchedFeature = {
  name: "completion_rate_30d",
  dtype: "numeric",
  description:
    "Distinct tips served in the last 30 d that got done / distinct tips served in the last 30 d",
  freshness: "batched",
  ttlSec: 21_600,
  source: "profile_store",
  fallback: { value: 0, text: "0.0" },
  invalidatedBy: [subjects.tipFeedback.name],
  normalise: normaliseRate,
  compute: (events, asOfMs) => reactionRate(tipsOf(events, asOfMs), "done"),
};
