import { UnavailableError, type EventBuffer, type UserModelStore } from "@signalpath/ports";
import {
  createMemoryEventBuffer,
  createMemoryUserModelStore,
  createMemoryUserState,
  type MemoryUserState,
} from "@signalpath/ports";
import type { UserKey } from "@signalpath/domain";

/** Seeded uniform numbers in [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How often calls fail now, [0, 1]. */
export interface Weather {
  rate: number;
}

/**
 * The same port, whose calls fail now and then: before their effect or after it, with trouble of
 * the store or with a fault. Also answers late, so that calls overtake each other. For tests.
 */
export function flaky<T extends object>(port: T, random: () => number, weather: Weather): T {
  const wrapped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(port)) {
    wrapped[name] =
      typeof value === "function" && name !== "onReconnect"
        ? async (...args: unknown[]) => {
            const fate = random();
            if (fate < weather.rate / 2) throw failure(name, random());
            const answer = await (value as (...given: unknown[]) => unknown)(...args);
            if (random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
            if (fate > 1 - weather.rate / 2) throw failure(name, random());
            return answer;
          }
        : value;
  }
  return wrapped as T;
}

function failure(name: string, kind: number): Error {
  return kind < 0.9
    ? new UnavailableError("test", `${name} failed on purpose`)
    : new TypeError(`${name} has a fault on purpose`);
}

/** Buffer and models over a state that can be wiped, rolled back and reconnected. For tests. */
export function createRevertible(now: () => number, keys: readonly UserKey[]) {
  const listeners = new Set<() => void>();
  let state = createMemoryUserState({ now });
  let buffer = createMemoryEventBuffer(state);
  let models = createMemoryUserModelStore(state);

  function use(next: MemoryUserState): void {
    state = next;
    buffer = createMemoryEventBuffer(state);
    models = createMemoryUserModelStore(state);
    for (const listener of listeners) listener();
  }

  const eventBuffer: EventBuffer = {
    read: (key) => buffer.read(key),
    append: (key, events, options) => buffer.append(key, events, options),
    move: (from, to) => buffer.move(from, to),
    erase: (key, floor) => buffer.erase(key, floor),
    appliedAt: () => buffer.appliedAt(),
    saveAppliedAt: (ms) => buffer.saveAppliedAt(ms),
    onReconnect(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    check: () => buffer.check(),
  };
  const modelStore: UserModelStore = {
    get: (key, known) => models.get(key, known),
    save: (key, model, version) => models.save(key, model, version),
    erase: (key, floor) => models.erase(key, floor),
    check: () => models.check(),
  };
  return {
    buffer: eventBuffer,
    models: modelStore,
    wipe: () => use(createMemoryUserState({ now })),
    /** A copy to go back to. */
    snapshot(): () => void {
      const { appliedAt } = state;
      const people = keys.map((key) => ({
        key,
        person: structuredClone(state.find(key)),
        mark: structuredClone(state.mark(key)),
      }));
      return () => {
        const next = createMemoryUserState({ now });
        next.appliedAt = appliedAt;
        for (const { key, person, mark } of people) {
          if (person !== undefined) Object.assign(next.findOrCreate(key), structuredClone(person));
          if (mark !== undefined) Object.assign(next.writeMark(key), mark);
        }
        use(next);
      };
    },
  };
}
