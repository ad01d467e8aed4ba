import { describe } from "vitest";

import { createManualClock } from "../clock/memory.ts";
import { createMemoryUserState } from "../event-buffer/memory-state.ts";
import { beginMove, createMemoryEventBuffer } from "../event-buffer/memory.ts";
import { createMemoryUserModelStore } from "../user-model-store/memory.ts";
import { featureStoreContract } from "./contract.ts";
import { createMemoryFeatureStore } from "./memory.ts";

describe("memory feature store", () => {
  featureStoreContract(async () => {
    const clock = createManualClock();
    const state = createMemoryUserState(clock);
    return {
      buffer: createMemoryEventBuffer(state),
      models: createMemoryUserModelStore(state),
      features: createMemoryFeatureStore(state),
      now: clock.now,
      advance: (ms) => clock.advance(ms),
      lose: async (key) => state.forget(key),
      beginMove: async (from, to) => beginMove(state, from, to),
    };
  });
});
