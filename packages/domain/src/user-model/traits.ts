import { fold } from "../content/tags.ts";
import { compareCodePoints } from "../events/order.ts";
import { timeDecay, type SignalsConfig } from "./config.ts";
import type { TimedEvent } from "./ordered-events.ts";
import type { UserSignals } from "./types.ts";

/** Canonical keys of the tags whose folded label is the one given. */
export type TagLabels = (foldedLabel: string) => readonly string[];

interface Told {
  value: unknown;
  ms: number;
}

/** Newest value of each name, by canonical order. */
function newestValues(
  ordered: readonly TimedEvent[],
  read: (event: TimedEvent["event"]) => Record<string, unknown> | undefined,
): Map<string, Told> {
  const told = new Map<string, Told>();
  for (let i = ordered.length - 1; i >= 0; i--) {
    const entry = ordered[i];
    const values = entry === undefined ? undefined : read(entry.event);
    if (entry === undefined || values === undefined) continue;
    for (const name of Object.keys(values)) {
      if (!told.has(name)) told.set(name, { value: values[name], ms: entry.ms });
    }
  }
  return told;
}

/** Newest value of each trait of the person. */
export function newestTraits(ordered: readonly TimedEvent[]): Map<string, Told> {
  return newestValues(ordered, (e) => (e.kind === "identified" ? e.traits : undefined));
}

/** Newest answer to each question. */
export function newestAnswers(ordered: readonly TimedEvent[]): Map<string, Told> {
  return newestValues(ordered, (e) => (e.kind === "survey" ? e.answers : undefined));
}

/** Scalar traits by name, at most `caps.traits`; long texts are cut, long names left out. */
export function demographics(
  traits: ReadonlyMap<string, Told>,
  caps: SignalsConfig["caps"],
): UserSignals["demographics"] {
  const kept: [string, string | number | boolean][] = [];
  for (const [name, { value }] of traits) {
    if (name.length > caps.traitText) continue;
    if (typeof value === "string") kept.push([name, value.slice(0, caps.traitText)]);
    else if (typeof value === "boolean") kept.push([name, value]);
    else if (typeof value === "number" && Number.isFinite(value)) kept.push([name, value]);
  }
  kept.sort((a, b) => compareCodePoints(a[0], b[0]));
  return Object.fromEntries(kept.slice(0, caps.traits));
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return [];
  return value.filter((member): member is string => typeof member === "string");
}

/**
 * Tags a person named in a trait or an answer, with the mass that gives them. It decays like the
 * weight of liked items, so the present alone never shifts the balance between the two.
 */
export function seedMass(
  told: readonly ReadonlyMap<string, Told>[],
  tagLabels: TagLabels,
  asOfMs: number,
  config: SignalsConfig,
): Map<string, number> {
  const { seedTexts, traitText } = config.caps;
  const seeds = new Map<string, number>();
  for (const values of told) {
    const newestFirst = [...values].sort(
      (a, b) => b[1].ms - a[1].ms || compareCodePoints(a[0], b[0]),
    );
    const texts = newestFirst.flatMap(([, { value, ms }]) =>
      textsOf(value).map((text) => ({ text, ms })),
    );
    for (const { text, ms } of texts.slice(0, seedTexts)) {
      if (text.length > traitText) continue;
      const mass = config.seedMass * timeDecay(asOfMs - ms, config.positiveHalfLifeMs);
      for (const key of tagLabels(fold(text))) {
        seeds.set(key, Math.max(mass, seeds.get(key) ?? 0));
      }
    }
  }
  return seeds;
}
