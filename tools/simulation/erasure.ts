import { createEraseUser } from "@signalpath/management-api/internal/erase-user.ts";
import { takingTurns, type Actor } from "./turns.ts";
import type { World } from "./world.ts";

/** One call of management-api's verb, repeated by whoever wants the person forgotten. */
export interface Erasure {
  who: string;
  actor: Actor;
  status: "running" | "failed" | "done";
  /** Asks again after a failure or a crash. */
  again(): void;
  crash(): void;
}

export function startErasure(world: World, who: string): Erasure {
  const erasure: Erasure = {
    who,
    actor: { name: "eraser", alive: true },
    status: "running",
    again() {
      erasure.actor = { name: "eraser", alive: true };
      erasure.status = "running";
      void run();
    },
    crash() {
      if (erasure.status !== "running") return;
      world.turns.crash(erasure.actor);
      erasure.status = "failed";
    },
  };
  async function run(): Promise<void> {
    const { actor } = erasure;
    const { turns } = world;
    const named = (method: string, args: readonly unknown[]) => world.describe(method, args);
    const archive = takingTurns(turns, actor, "archive", world.archive, named);
    const erase = createEraseUser({
      archive,
      ...world.store.forActor(turns, actor),
      announce: async (subject, payload) => {
        world.bus.publish(subject.name, payload);
        return true;
      },
      kit: { now: () => world.now() },
    });
    try {
      await erase(1, who);
      erasure.status = "done";
    } catch {
      erasure.status = "failed";
    }
  }
  void run();
  return erasure;
}
