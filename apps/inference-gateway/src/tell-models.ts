import { topics } from "@signalpath/contracts";
import type { ModelRow } from "@signalpath/model-loader";
import type { Bus } from "@signalpath/ports";
import { createRepeater, type Kit } from "@signalpath/service-kit";

/** How often a gateway says what it holds, milliseconds. */
const TELL_MS = 5_000;

/** Says on the bus which models are in memory here, to whoever listens. Nothing waits for it. */
export function createTellModels(deps: {
  held: () => ModelRow[];
  bus: Pick<Bus, "tell">;
  kit: Pick<Kit, "newId" | "logger">;
}): { start(): void; close(): Promise<void> } {
  const { held, bus, kit } = deps;
  const instance = kit.newId();
  const repeater = createRepeater({
    task: async () => {
      const models = held()
        .slice(0, 1_000)
        .map(({ model_id, project_id, version, sha256 }) => {
          return { model_id, project_id, version, sha256 };
        });
      bus.tell(topics.models, { instance, models });
    },
    pauseMs: () => TELL_MS,
    what: "saying which models are in memory",
    logger: kit.logger,
  });
  return { start: () => void repeater.runNow(), close: () => repeater.close() };
}
