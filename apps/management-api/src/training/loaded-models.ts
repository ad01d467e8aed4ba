import { topics, type ModelsTold } from "@signalpath/contracts";
import type { Bus, Clock, Subscription } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

/** A gateway that was not heard for so long is gone, milliseconds: three times its pause. */
const SILENT_MS = 15_000;
/** Gateways remembered at one time. */
const MAX_GATEWAYS = 1_000;

/** A version in the memory of one gateway. */
export interface HeldModel {
  instance: string;
  version: number;
  sha256: string;
  heard_at: string;
}

/** Which gateways hold which models, as far as they say so: nothing waits for them. */
export interface LoadedModels {
  start(): Promise<void>;
  close(): Promise<void>;
  /** Versions of a model in memory somewhere, in the order of the gateways. */
  of(modelId: number): HeldModel[];
  /** Gateways that are heard. */
  gateways(): number;
}

/** Hears what gateways tell every five seconds, and forgets who is silent. */
export function createLoadedModels(deps: {
  bus: Pick<Bus, "hear">;
  now: Clock;
  logger: Logger;
}): LoadedModels {
  const { bus, now, logger } = deps;
  const known = new Map<string, { told: ModelsTold; at: number }>();
  let subscription: Subscription | undefined;

  function live() {
    for (const [instance, { at }] of known) if (now() - at > SILENT_MS) known.delete(instance);
    return [...known.values()].toSorted((a, b) => (a.told.instance < b.told.instance ? -1 : 1));
  }

  function take(body: string): void {
    const read = topics.models.schema.safeParse(parsed(body));
    if (!read.success) {
      logger.warn({ topic: topics.models.name, err: read.error }, "an unreadable message");
      return;
    }
    const { instance } = read.data;
    if (!known.has(instance) && live().length >= MAX_GATEWAYS) return;
    known.set(instance, { told: read.data, at: now() });
  }

  return {
    async start() {
      subscription = await bus.hear(topics.models.name, ({ body }) => take(body));
    },
    close: async () => subscription?.close(),
    of: (modelId) =>
      live().flatMap(({ told, at }) =>
        told.models
          .filter(({ model_id }) => model_id === modelId)
          .map(({ version, sha256 }) => {
            const heard_at = new Date(at).toISOString();
            return { instance: told.instance, version, sha256, heard_at };
          }),
      ),
    gateways: () => live().length,
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // No shape takes undefined: it is reported as unreadable.
  }
}
