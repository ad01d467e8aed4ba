import type {
  AbTests,
  Bus,
  DeploymentSlots,
  ExperimentEvents,
  Experiments,
  Learning,
  Probe,
  Projects,
} from "@signalpath/ports";
import type { Authenticator, Kit } from "@signalpath/service-kit";

/** What experiments stands on. Nothing here is closed by it. */
export interface ExperimentsDeps {
  kit: Kit;
  version: string;
  /** Phase of the process, asked by `/readyz`. */
  state: () => "starting" | "running" | "draining";
  authenticator: Authenticator;
  projects: Pick<Projects, "get">;
  experiments: Experiments;
  experimentEvents: ExperimentEvents;
  abTests: AbTests;
  learning: Pick<Learning, "recordDecisions" | "recordOutcomes" | "enable" | "prune" | "check">;
  deploymentSlots: Pick<DeploymentSlots, "get" | "ownerOf" | "update" | "check">;
  bus: Bus;
  /** Further dependencies that `/readyz` names. */
  probes?: readonly Probe[];
}
