import type { UserKey, UserSignals } from "@signalpath/domain";

import type { MemoryUserState } from "../event-buffer/memory-state.ts";
import type { ModelAnswer, ModelVersion, SaveOutcome, UserModelStore } from "./port.ts";
import { movedAnswer } from "../event-buffer/memory.ts";
import { sameVersion, supersedes } from "./version.ts";

/** Milliseconds a model is kept after its last save (7 days). */
export const MODEL_LIFE_MS = 7 * 24 * 3_600_000;

/** User models in this process, kept by reference: nobody changes one that was saved. */
export function createMemoryUserModelStore(state: MemoryUserState): UserModelStore {
  return {
    get: async (key, known) => get(state, key, known),
    save: async (key, model, version) => save(state, key, model, version),
    erase: async (key, floor) => {
      const mark = state.writeMark(key);
      mark.floor = Math.max(mark.floor, floor);
      const person = state.find(key);
      const removed = person?.model !== undefined;
      if (person !== undefined) person.model = undefined;
      return { removed };
    },
    check: async () => undefined,
  };
}

function get(state: MemoryUserState, key: UserKey, known: ModelVersion | undefined): ModelAnswer {
  const moved = movedAnswer(state, key);
  if (moved !== undefined) return { status: "moved", to: moved.to };
  const stored = state.find(key)?.model;
  if (stored === undefined) return { status: "absent" };
  return known !== undefined && sameVersion(known, stored) ? { status: "unchanged" } : stored;
}

function save(
  state: MemoryUserState,
  key: UserKey,
  model: UserSignals,
  version: ModelVersion,
): SaveOutcome {
  const moved = movedAnswer(state, key);
  if (moved !== undefined) return { status: "moved", to: moved.to };
  if (version.revision < (state.mark(key)?.floor ?? 0)) return { status: "below_floor" };
  const stored = state.find(key)?.model;
  if (stored !== undefined && !supersedes(version, stored)) return { status: "stale" };
  const person = state.findOrCreate(key);
  const { revision, contentVersion, signalsVersion } = version;
  const savedAtMs = state.now();
  person.model = { status: "ok", model, savedAtMs, revision, contentVersion, signalsVersion };
  person.modelUntil = savedAtMs + MODEL_LIFE_MS;
  return { status: "saved" };
}
