import { sampleCatalogue, SAMPLE_THEMES } from "@signalpath/backends";
import type { InteractionRow } from "@signalpath/models";

import { interestIn } from "./behave.ts";
import { VISITORS } from "./visitors.ts";

/** Made-up people beside the visitors: enough that items have neighbours. */
const READERS = 150;
/** Chances that somebody had an item of a theme they love, and any other. */
const LOVED = 0.35;
const OTHER = 0.02;

/**
 * What the demo's models are trained on: the visitors, each with items of their taste, and readers
 * with two themes each, over the sample catalogue. The same for the same seed.
 */
export function sampleHistory(random: () => number, nowMs: number): InteractionRow[] {
  const items = sampleCatalogue(nowMs);
  const people = [
    ...VISITORS.map((visitor) => ({
      user_id: visitor.userId,
      loves: (item: (typeof items)[number]) => interestIn(visitor, item) > 0,
    })),
    ...Array.from({ length: READERS }, (_, at) => {
      const themes = [0, 1].map(
        () => SAMPLE_THEMES[Math.floor(random() * SAMPLE_THEMES.length)] as string,
      );
      return {
        user_id: `reader-${at + 1}`,
        loves: ({ tags }: (typeof items)[number]) =>
          tags.some(({ label }) => themes.includes(label)),
      };
    }),
  ];
  return people.flatMap(({ user_id, loves }) =>
    items
      .filter((item) => random() < (loves(item) ? LOVED : OTHER))
      .map(({ item_id }) => ({ user_id, item_id, weight: 1 })),
  );
}
