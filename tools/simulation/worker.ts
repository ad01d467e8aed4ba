import { createMemoryContentStore, type Bus } from "@signalpath/ports";

import { createContext } from "@signalpath/user-model-updater/internal/app.ts";
import type { Context } from "@signalpath/user-model-updater/internal/context.ts";
import {
  createAppliedKeeper,
  type AppliedKeeper,
} from "@signalpath/user-model-updater/internal/keep-applied.ts";
import { rebuildUsers } from "@signalpath/user-model-updater/internal/rebuild.ts";
import { subscribe } from "@signalpath/user-model-updater/internal/subscriptions.ts";
import {
  createContentFeed,
  sha256,
  type Authenticator,
  type ContentFeed,
  type Kit,
} from "@signalpath/service-kit";
import { takingTurns, type Actor } from "./turns.ts";
import type { World } from "./world.ts";

/** One life of an updater: the app's own verbs on stores that take turns. */
export interface Worker {
  actor: Actor;
  ctx: Context;
  /** The content was read at least once. */
  hasContent(): Promise<boolean>;
  /** Nothing is owed: started, and caught up with the archive. */
  isCaughtUp(): Promise<boolean>;
  /** What a timer would do: catch up if that is due, then write `applied_at`. */
  beat(): void;
  rebuild(userId: string): void;
  /** Its user state was away and is back. */
  storeIsBack(): void;
  /** Ends this life where it is. */
  crash(): void;
}

/** No timer may fire within a schedule: whatever repeats does so as a step. */
const NEVER_MS = 2 ** 31 - 1;

export function startWorker(world: World, name: string, skewMs: number): Worker {
  const actor: Actor = { name, alive: true };
  const { turns, mutation } = world;
  const kit = kitOf(world, name, skewMs);
  const { buffer, models } = world.store.forActor(turns, actor);
  const named = (method: string, args: readonly unknown[]) => world.describe(method, args);
  const archive = takingTurns(turns, actor, "archive", world.archive, named);
  const reader = takingTurns(turns, actor, "archive", world.reader, named);
  const catalogue = takingTurns(turns, actor, "catalogue", world.catalogue, named);
  const plain = world.bus.forActor(actor);
  const bus: Bus = mutation.bus?.(plain) ?? plain;
  const content = createMemoryContentStore();
  const feed = createContentFeed({
    catalogue,
    projects: world.projects,
    store: content,
    bus,
    now: kit.now,
    logger: kit.logger,
    refreshMs: NEVER_MS,
    retryMs: NEVER_MS,
  });
  const ctx = createContext(
    {
      kit,
      bus,
      archive,
      reader,
      buffer,
      models,
      content,
      sha256,
      deadLetters: world.deadLetters,
      itemStats: world.itemStats,
      options: {
        maxBatch: 500,
        concurrency: 2,
        peopleAtOnce: 4,
        pausesMs: [1],
        downPausesMs: [1],
        // A look at a store that was away is a step like all others.
        sleep: () => turns.call(actor, "bus", "looks again", () => undefined),
        // Faults of the message itself are not among the faults tried here.
        maxAttempts: NEVER_MS,
        suspectAfter: NEVER_MS,
        beatMs: NEVER_MS,
        remembered: 100,
      },
    },
    feed,
  );
  mutation.context?.(ctx, world.store);
  const applied = createAppliedKeeper(ctx, { atStart: true });
  return run(world, { actor, ctx, bus, feed, applied });
}

interface Parts {
  actor: Actor;
  ctx: Context;
  bus: Bus;
  feed: ContentFeed;
  applied: AppliedKeeper;
}

/** The order of `start` of the app. */
function run(world: World, { actor, ctx, bus, feed, applied }: Parts): Worker {
  const unexpected = (error: unknown) => world.problem(`${actor.name}: ${String(error)}`);
  let isOpen = false;
  async function open(): Promise<void> {
    await feed.start();
    bus.onReconnect(() => void applied.reconnected());
    const nobody = { deny: () => undefined } as unknown as Authenticator;
    await subscribe(ctx, nobody, { changed: () => undefined });
    isOpen = true;
    await applied.start();
  }
  open().catch(unexpected);
  return {
    actor,
    ctx,
    hasContent: () =>
      feed.check().then(
        () => true,
        () => false,
      ),
    isCaughtUp: () =>
      applied.check().then(
        () => isOpen,
        () => false,
      ),
    beat: () => void (isOpen && applied.start()),
    rebuild: (userId) => {
      // Whoever asked is answered 503 and asks again; nothing depends on it.
      if (isOpen) rebuildUsers(ctx, 1, [userId]).catch(() => undefined);
    },
    storeIsBack: () => void applied.reconnected(),
    crash() {
      world.turns.crash(actor);
      world.bus.crash(actor);
      // Both clear their timers at once; what they wait for never comes.
      void applied.close();
      void feed.close();
    },
  };
}

function kitOf(world: World, name: string, skewMs: number): Kit {
  const nothing = () => undefined;
  const meter = { inc: nothing, set: nothing, observe: nothing };
  const note = (level: string) => (fields: { err?: unknown }, text?: string) =>
    world.note(
      `${name} ${level}: ${text ?? ""} ${fields.err instanceof Error ? fields.err.message : ""}`,
    );
  const logger = { debug: nothing, info: nothing, warn: nothing, error: note("error") };
  const make = () => meter;
  const metrics = { counter: make, gauge: make, histogram: make };
  let ids = 0;
  return {
    now: () => world.now() + skewMs,
    newId: () => `${name}-${++ids}`,
    logger: logger as unknown as Kit["logger"],
    metrics: metrics as unknown as Kit["metrics"],
  };
}
