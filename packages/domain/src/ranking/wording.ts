import type { ReasonKind } from "./types.ts";

/** Sentences by kind of reason; `label` is the title or tag the reason names. */
export type Wording = Record<ReasonKind, (label: string) => string>;

/** Wording by BCP 47 language tag. Another language is another member. */
export const WORDINGS = {
  en: {
    affinity: (label) => `Because you liked ${label}`,
    tag: (label) => `You like ${label}`,
    semantic: (label) => (label === "" ? "Close to what you like" : `Close in content to ${label}`),
    collaborative: (label) =>
      label === ""
        ? "People with your taste like this"
        : `People who liked ${label} also liked this`,
    recency: (label) => `Related to ${label}, which you saw lately`,
    trend: () => "Popular now",
    freshness: () => "New",
    time: () => "A good moment for you",
    geo: (label) => `Near you (${label})`,
    quality: () => "Well received",
  },
} as const satisfies Record<string, Wording>;

export type Language = keyof typeof WORDINGS;
