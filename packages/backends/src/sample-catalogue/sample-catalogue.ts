import type { ContentItem } from "@signalpath/domain";

import { buildItems } from "./build.ts";
import { city } from "./city.ts";
import { cooking } from "./cooking.ts";
import { energy } from "./energy.ts";
import type { SampleTheme } from "./entry.ts";
import { fairWork } from "./fair-work.ts";
import { health } from "./health.ts";
import { learning } from "./learning.ts";
import { money } from "./money.ts";
import { nature } from "./nature.ts";

const THEMES: readonly SampleTheme[] = [
  fairWork,
  energy,
  health,
  cooking,
  city,
  nature,
  money,
  learning,
];

/** Labels of the themes, tag `theme:<label>`. */
export const SAMPLE_THEMES: readonly string[] = THEMES.map((theme) => theme.label);

/**
 * The catalogue of the demo: 200 pieces in 8 themes, four to six tags each, 38 of them with a
 * place in one city, vectors of 64 dimensions by `deriveVector`.
 * @param asOfMs "now", milliseconds: publication times lie in the 180 days before it.
 */
export function sampleCatalogue(asOfMs: number): ContentItem[] {
  return buildItems(THEMES, asOfMs);
}
