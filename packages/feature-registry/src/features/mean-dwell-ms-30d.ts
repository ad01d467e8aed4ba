import { subjects } from "@signalpath/contracts";
import { meanDwellMs, normaliseDwell, tipsOf } from "@signalpath/domain";

import type { BatchedFeature } from "../feature.ts";

export const feature: BatchedFeature = {
  name: "mean_dwell_ms_30d",
  dtype: "numeric",
  description:
    "Mean of dwell_ms, else reacted - served, over the tips reacted to in the last 30 d, milliseconds",
  freshness: "batched",
  ttlSec: 21_600,
  source: "profile_store",
  fallback: { value: null, text: "null — serving normalises to 0.0" },
  invalidatedBy: [subjects.tipFeedback.name],
  normalise: normaliseDwell,
  compute: (events, asOfMs) => meanDwellMs(tipsOf(events, asOfMs)),
};
