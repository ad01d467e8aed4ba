import { subjects } from "@signalpath/contracts";
import { normaliseVolume, tipsOf, tipVolume } from "@signalpath/domain";

import type { BatchedFeature } from "../feature.ts";

export const feature: BatchedFeature = {
  name: "tip_volume_30d",
  dtype: "numeric",
  description: "Distinct tips served in the last 30 d",
  freshness: "batched",
  ttlSec: 3_600,
  source: "profile_store",
  fallback: { value: 0, text: "0" },
  invalidatedBy: [subjects.tipServed.name],
  normalise: normaliseVolume,
  compute: (events, asOfMs) => tipVolume(tipsOf(events, asOfMs)),
};
