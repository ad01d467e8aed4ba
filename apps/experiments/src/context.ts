import type {
  AbTests,
  Bus,
  DeploymentSlots,
  ExperimentEvents,
  Experiments,
  Learning,
} from "@signalpath/ports";
import type { HeaderValues, Kit, Tracing } from "@signalpath/service-kit";

import type { Announce } from "./announce.ts";
import type { KnownExperiments } from "./known-experiments.ts";
import type { Meters } from "./meters.ts";
import type { SlotOwners } from "./slot-owners.ts";
import type { Sums } from "./sums.ts";

/** What the verbs share. */
export interface Context {
  experiments: Experiments;
  events: ExperimentEvents;
  abTests: AbTests;
  learning: Pick<Learning, "recordDecisions" | "recordOutcomes" | "enable">;
  slots: Pick<DeploymentSlots, "get" | "update">;
  bus: Pick<Bus, "publish">;
  known: KnownExperiments;
  slotOwners: SlotOwners;
  sums: Sums;
  announce: Announce;
  meters: Meters;
  tracing: Tracing;
  kit: Kit;
}

/** A write as it came: its project, its trace, and the key under which it may come again. */
export interface Call {
  projectId: number;
  traceHeaders: HeaderValues;
  once: { key: string; digest: string } | undefined;
}
