import { setTimeout as sleep } from "node:timers/promises";

import { failureOf } from "./sender.ts";

/** Asks for lists all the time, the instances in turns; a refused connection goes to the next one. */
export interface Reader {
  stop(): Promise<void>;
  answered(): number;
  /** Asked without a 200. */
  failed(): number;
  /** What was seen, for people. */
  seen(): string;
}

const EVERY_MS = 100;
const TIMEOUT_MS = 10_000;

export function startReader(options: {
  urls: readonly string[];
  key: string;
  userId: string;
}): Reader {
  const { urls, key, userId } = options;
  const counts = new Map<string, number>();
  let going = true;
  let turn = 0;

  async function ask(): Promise<string> {
    let what = "";
    for (let attempt = 0; attempt < urls.length; attempt++) {
      const url = `${urls[turn++ % urls.length]}/api/recommend?user_id=${userId}&limit=5`;
      try {
        const response = await fetch(url, {
          headers: { "x-api-key": key },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        await response.text();
        return String(response.status);
      } catch (error) {
        what = failureOf(error);
        if (what !== "ECONNREFUSED") return what;
      }
    }
    return what;
  }

  async function run(): Promise<void> {
    for (;;) {
      if (!going) return;
      const what = await ask();
      counts.set(what, (counts.get(what) ?? 0) + 1);
      await sleep(EVERY_MS);
    }
  }

  const done = run();
  const answered = (): number => counts.get("200") ?? 0;
  return {
    async stop() {
      going = false;
      await done;
    },
    answered,
    failed: () => [...counts.values()].reduce((sum, count) => sum + count, 0) - answered(),
    seen: () => [...counts].map((pair) => pair.join(" ")).join(", "),
  };
}
