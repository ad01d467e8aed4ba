import { compileEventMap, compileShippedEventMap, type CompiledEventMap } from "@signalpath/domain";
import type { Clock, Projects } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

/** A changed map holds at the latest after this, milliseconds. */
const FRESH_MS = 10_000;

/** The event map of each project, compiled and kept for a while. */
export interface EventMaps {
  /** @throws UnavailableError when a project's map was never read and cannot be read now. */
  of(projectId: number): Promise<CompiledEventMap>;
}

export function createEventMaps(deps: {
  projects: Pick<Projects, "eventMap">;
  now: Clock;
  logger: Logger;
}): EventMaps {
  const shipped = compileShippedEventMap();
  // One entry a project that has keys: small, and bounded by the projects there are.
  const kept = new Map<number, { readAt: number; map: CompiledEventMap }>();
  const pending = new Map<number, Promise<CompiledEventMap>>();

  function compile(projectId: number, stored: unknown): CompiledEventMap {
    if (stored === undefined || stored === null) return shipped;
    const result = compileEventMap(stored);
    if (result.ok) return result.map;
    // Events must not queue up behind a bad map; what it would have ignored can be replayed.
    const issue = result.issues[0];
    deps.logger.error(
      { project_id: projectId, path: issue?.path, reason: issue?.message },
      "stored event map is broken, the shipped one is used",
    );
    return shipped;
  }

  async function read(projectId: number): Promise<CompiledEventMap> {
    const readAt = deps.now();
    try {
      const map = compile(projectId, await deps.projects.eventMap(projectId));
      kept.set(projectId, { readAt, map });
      return map;
    } catch (error) {
      const last = kept.get(projectId);
      if (last === undefined) throw error;
      deps.logger.warn({ err: error, project_id: projectId }, "event map not read, the last holds");
      return last.map;
    } finally {
      pending.delete(projectId);
    }
  }

  return {
    of(projectId) {
      const hit = kept.get(projectId);
      // However the clock was put: a moment far ahead is as old as one far behind.
      const isFresh = hit !== undefined && Math.abs(deps.now() - hit.readAt) < FRESH_MS;
      if (isFresh) return Promise.resolve(hit.map);
      const reading = pending.get(projectId) ?? read(projectId);
      pending.set(projectId, reading);
      return reading;
    },
  };
}
