import { UnavailableError } from "@signalpath/ports";

/** Whoever makes calls: one life of a process. After a crash none of its calls goes on. */
export interface Actor {
  name: string;
  alive: boolean;
}

/** done: it works. lost: no effect and an error. unanswered: the effect stands, the answer is lost. */
export type Fate = "done" | "lost" | "unanswered";

/** A call that waits for its turn. */
export interface Turn {
  actor: Actor;
  what: string;
  /** A connection that broke fails it. */
  store: "archive" | "user state" | "catalogue" | "bus";
  go(fate: Fate): void;
}

/** Cooperative scheduler: every call of every actor waits here until somebody picks it. */
export interface Turns {
  waiting(): readonly Turn[];
  /** Calls put aside: a process that was paused, a packet that was delayed for long. */
  held(): readonly Turn[];
  hold(turn: Turn): void;
  /** They wait like all others again. */
  release(): void;
  /** `effect` happens, in one step, when the call's turn comes. */
  call<T>(
    actor: Actor,
    store: Turn["store"],
    what: string,
    effect: () => T | Promise<T>,
  ): Promise<T>;
  /** Lets one call happen and everything that follows from it, up to the next calls. */
  go(turn: Turn, fate: Fate): Promise<void>;
  /** The actor is gone. */
  crash(actor: Actor): void;
  /** Calls to a store on their way fail without effect: its connections broke. */
  breakConnections(store: Turn["store"]): Promise<void>;
}

export function createTurns(): Turns {
  let waiting: Turn[] = [];
  let held: Turn[] = [];
  const take = (turn: Turn) => void (waiting = waiting.filter((one) => one !== turn));

  return {
    waiting: () => waiting,
    held: () => held,
    hold(turn) {
      take(turn);
      held.push(turn);
    },
    release() {
      waiting = [...waiting, ...held];
      held = [];
    },
    call<T>(actor: Actor, store: Turn["store"], what: string, effect: () => T | Promise<T>) {
      return new Promise<T>((resolve, reject) => {
        if (!actor.alive) return;
        const fail = () => reject(new UnavailableError(store, `${what}: connection lost`));
        waiting.push({
          actor,
          store,
          what,
          go(fate) {
            if (fate === "lost") return fail();
            // The keepers are done when their call returns; only the answer is a promise.
            new Promise<T>((done) => done(effect())).then((answer) => {
              if (fate === "unanswered") fail();
              else resolve(answer);
            }, reject);
          },
        });
      });
    },
    async go(turn, fate) {
      take(turn);
      // What the bus gives and takes is lost by steps of their own.
      turn.go(turn.store === "bus" ? "done" : fate);
      await settle();
    },
    crash(actor) {
      actor.alive = false;
      waiting = waiting.filter((turn) => turn.actor !== actor);
      held = held.filter((turn) => turn.actor !== actor);
    },
    async breakConnections(store) {
      this.release();
      for (const turn of waiting.filter((one) => one.store === store)) {
        take(turn);
        turn.go("lost");
      }
      await settle();
    },
  };
}

/** Lets every promise that can go on do so. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** The same port for one actor: each named method waits for its turn. */
export function takingTurns<T extends object>(
  turns: Turns,
  actor: Actor,
  store: Turn["store"],
  port: T,
  describe: (method: string, args: readonly unknown[]) => string,
): T {
  const wrapped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(port)) {
    wrapped[name] =
      typeof value === "function"
        ? (...args: unknown[]) =>
            turns.call(actor, store, describe(name, args), () =>
              (value as (...given: unknown[]) => unknown)(...args),
            )
        : value;
  }
  return wrapped as T;
}
