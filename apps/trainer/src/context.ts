import { createTracing, type Tracing } from "@signalpath/service-kit";

import { DEFAULT_OPTIONS, type TrainerDeps, type TrainerOptions } from "./deps.ts";
import { createMeters, type Meters } from "./meters.ts";

export const APP = "trainer";

/** What the verbs of one trainer share. */
export interface Context extends Omit<TrainerDeps, "options" | "state" | "version" | "probes"> {
  options: TrainerOptions;
  meters: Meters;
  tracing: Tracing;
  /** Names this process in the rows of its runs. */
  worker: string;
}

export function createContext(deps: TrainerDeps): Context {
  const logger = deps.kit.logger.child({ app: APP });
  return {
    ...deps,
    kit: { ...deps.kit, logger },
    options: { ...DEFAULT_OPTIONS, ...deps.options },
    meters: createMeters(deps.kit.metrics),
    tracing: deps.kit.tracing ?? createTracing(),
    worker: `${APP}-${deps.kit.newId()}`,
  };
}
