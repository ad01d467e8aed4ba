import { setTimeout as sleep } from "node:timers/promises";

import type { LinkMode } from "../proxy.ts";
import { underLoad, type CaseContext, type Row } from "../under-load.ts";
import { SERVERS } from "../world.ts";

const MODES: readonly LinkMode[] = [
  { mode: "delay", ms: 60, jitterMs: 40 },
  { mode: "slice", maxBytes: 16 },
  { mode: "reset", chance: 0.02 },
  { mode: "reset" },
  { mode: "black-hole" },
];

/** Each link in turn slow, sliced, flaky, refusing and silent. */
export function badLinks(ctx: CaseContext): Promise<Row> {
  const { world, scale } = ctx;
  return underLoad(ctx, {
    name: "bad-links",
    rate: 60,
    async disturb({ notes }) {
      for (const name of SERVERS) {
        for (const mode of MODES) {
          world.proxies[name].set(mode);
          await sleep(1_500 * scale);
          world.proxies[name].set({ mode: "pass" });
          await sleep(500 * scale);
        }
      }
      notes.push(`${SERVERS.length * MODES.length} faults of links`);
    },
  });
}
