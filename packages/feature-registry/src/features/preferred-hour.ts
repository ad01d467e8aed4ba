import { subjects } from "@signalpath/contracts";
import { alignHour, preferredHour, tipsOf } from "@signalpath/domain";

import type { BatchedFeature } from "../feature.ts";

export const feature: BatchedFeature = {
  name: "preferred_hour",
  dtype: "numeric",
  description:
    "Hour of day 0-23 (the event's own offset, else UTC) with most done; ties to the smallest",
  freshness: "batched",
  ttlSec: 86_400,
  source: "profile_store",
  fallback: { value: null, text: "null — serving normalises to 0.5 (neutral alignment)" },
  invalidatedBy: [subjects.tipFeedback.name],
  normalise: alignHour,
  compute: (events, asOfMs) => preferredHour(tipsOf(events, asOfMs)),
};
