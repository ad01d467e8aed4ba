import { setTimeout as sleep } from "node:timers/promises";

/** How late models were, as the updaters say it in `model_freshness_seconds`. */
export interface FreshnessWatch {
  /** Events that were in a model, and those that took longer than 5 s. */
  stop(): Promise<{ events: number; late: number }>;
}

interface Counts {
  events: number;
  inTime: number;
}

const EVERY_MS = 300;

/**
 * Watches the updaters at these URLs. A process that was restarted counts from zero again: what its
 * predecessor had counted is kept.
 */
export function watchFreshness(urls: readonly string[]): FreshnessWatch {
  const kept: Counts = { events: 0, inTime: 0 };
  const last = new Map<string, Counts>();
  const first = new Map<string, Counts>();
  let going = true;

  async function look(): Promise<void> {
    for (const url of urls) {
      const now = await read(url);
      if (now === undefined) continue;
      if (!first.has(url)) first.set(url, now);
      const before = last.get(url);
      if (before !== undefined && now.events < before.events) {
        add(kept, before, 1);
        add(kept, first.get(url) as Counts, -1);
        first.set(url, { events: 0, inTime: 0 });
      }
      last.set(url, now);
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      if (!going) return;
      await look();
      await sleep(EVERY_MS);
    }
  }

  const done = run();
  return {
    async stop() {
      going = false;
      await done;
      await look();
      for (const url of last.keys()) {
        add(kept, last.get(url) as Counts, 1);
        add(kept, first.get(url) as Counts, -1);
      }
      return { events: kept.events, late: kept.events - kept.inTime };
    },
  };
}

function add(to: Counts, counts: Counts, sign: number): void {
  to.events += sign * counts.events;
  to.inTime += sign * counts.inTime;
}

async function read(url: string): Promise<Counts | undefined> {
  try {
    const text = await (await fetch(`${url}/metrics`)).text();
    return { events: sample(text, "count", []), inTime: sample(text, "bucket", ['le="5"']) };
  } catch {
    return undefined; // The process is away: it is asked again.
  }
}

function sample(text: string, suffix: string, labels: readonly string[]): number {
  const wanted = [...labels, 'stage="model"'];
  const line = text
    .split("\n")
    .filter((one) => one.startsWith(`model_freshness_seconds_${suffix}{`))
    .find((one) => wanted.every((label) => one.includes(label)));
  return Number(line?.split(" ").at(-1) ?? 0);
}
