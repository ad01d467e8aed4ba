import type { Subject } from "@signalpath/contracts";
import { readPayload, type Bus } from "@signalpath/ports";
import { createRepeater, type Logger } from "@signalpath/service-kit";

/** A table held in memory, seconds behind at most. */
export interface FollowedTable {
  /** Listens, then reads. A store that is down is retried, not thrown. */
  start(): Promise<void>;
  /** Lets a reading under way finish, then no more. */
  close(): Promise<void>;
  /** True while the last reading failed or there was none. */
  failing(): boolean;
}

/**
 * Reads at start, when one of the subjects is heard, after a reconnect of the bus and `pauseMs()`
 * after every reading. Whatever was announced before a reading began is in it; one that was announced
 * during a reading is followed by another.
 *
 * @param options.read what it throws is logged, and what was read before stays.
 */
export function followTable(options: {
  subjects: readonly Subject<unknown>[];
  read: () => Promise<void>;
  /** Pause before the next reading, milliseconds. */
  pauseMs: (failed: boolean) => number;
  what: string;
  bus: Pick<Bus, "hear" | "onReconnect">;
  logger: Logger;
}): FollowedTable {
  const { bus, logger, what, pauseMs } = options;
  const opened: (() => Promise<void> | void)[] = [];
  let failing = true;
  let asked = 0;
  let done = 0;

  const repeater = createRepeater({
    task: async () => {
      const upTo = asked;
      try {
        await options.read();
        failing = false;
        done = upTo;
      } catch (error) {
        failing = true;
        throw error;
      }
    },
    pauseMs,
    what,
    logger,
  });

  /** A reading under way may have begun before the change: then a second one follows. */
  async function reread(): Promise<void> {
    asked += 1;
    const wanted = asked;
    await repeater.runNow();
    if (done < wanted) await repeater.runNow();
  }

  async function hear(subject: Subject<unknown>): Promise<void> {
    const subscription = await bus.hear(subject.name, ({ body }) => {
      const read = readPayload(subject, body);
      if (read.ok) void reread();
      else logger.warn({ subject: subject.name, code: read.code, detail: read.detail }, "ignored");
    });
    opened.push(() => subscription.close());
  }

  return {
    async start() {
      // Listening first: what is changed during the reading is announced, not missed.
      for (const subject of options.subjects) await hear(subject);
      opened.push(bus.onReconnect(() => void reread()));
      await repeater.runNow();
    },
    async close() {
      for (const close of opened.splice(0)) await close();
      await repeater.close();
    },
    failing: () => failing,
  };
}
