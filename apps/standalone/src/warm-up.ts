import { subjects } from "@signalpath/contracts";
import type { ArchiveReader, Bus, Owner, UserModelStore } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

const HOUR_MS = 3_600_000;
/** Windows of activity, newest people first; older ones are built when somebody asks for them. */
const WINDOWS_MS = [HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 30 * 24 * HOUR_MS];
/** People asked for at a time. */
const CHUNK = 32;
const POLL_MS = 10;
/** One chunk may take this long before the next one is begun, milliseconds. */
const CHUNK_MS = 10_000;
/** People between two lines of the log. */
const LOG_EVERY = 1_000;

export interface WarmUpDeps {
  reader: Pick<ArchiveReader, "touchedSince">;
  models: Pick<UserModelStore, "get">;
  bus: Pick<Bus, "publish">;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  logger: Logger;
  signal: AbortSignal;
}

export interface WarmUp {
  /** Resolves when everybody of the last 30 days has a model, or the signal aborts. */
  done: Promise<void>;
  /** People with a model so far. */
  built(): number;
}

/**
 * Buffers and models live in memory, so a start has none: asks for a refresh of everybody who was
 * active, most recently active first. Whoever is asked for meanwhile is refreshed out of turn.
 */
export function startWarmUp(deps: WarmUpDeps): WarmUp {
  let built = 0;

  async function buildChunk(owners: readonly Owner[]): Promise<void> {
    for (const { projectId, userId } of owners) {
      const payload = { project_id: projectId, user_id: userId, reason: "missing" as const };
      await deps.bus.publish(subjects.userRefreshRequested, payload);
    }
    const deadline = deps.now() + CHUNK_MS;
    const waiting = new Set(owners);
    while (waiting.size > 0 && deps.now() < deadline && !deps.signal.aborted) {
      for (const owner of waiting) {
        const answer = await deps.models.get(owner.owner);
        if (answer.status !== "absent") waiting.delete(owner);
      }
      if (waiting.size > 0) await deps.sleep(POLL_MS);
    }
    // Erased meanwhile, or failed: the updater tells of failures itself.
    built += owners.length - waiting.size;
  }

  async function run(): Promise<void> {
    const startedAt = deps.now();
    const seen = new Set<string>();
    for (const windowMs of WINDOWS_MS) {
      const owners = await deps.reader.touchedSince(startedAt - windowMs);
      const fresh = owners.filter(({ owner }) => !seen.has(owner));
      for (let at = 0; at < fresh.length; at += CHUNK) {
        if (deps.signal.aborted) return;
        const chunk = fresh.slice(at, at + CHUNK);
        for (const { owner } of chunk) seen.add(owner);
        const before = Math.floor(built / LOG_EVERY);
        await buildChunk(chunk);
        if (Math.floor(built / LOG_EVERY) > before) {
          deps.logger.info({ people: built }, "user models are being built");
        }
      }
    }
    deps.logger.info(
      { people: built, duration_ms: deps.now() - startedAt },
      "user models are built",
    );
  }

  const done = run().catch((error: unknown) => {
    // Models are then built as people are asked for.
    deps.logger.error({ err: error }, "building user models at start failed");
  });
  return { done, built: () => built };
}
