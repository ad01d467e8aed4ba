import type { ContentItem } from "../content/types.ts";
import type { SignalEvent } from "../events/types.ts";

/** Samples for tests of this room: events of one person, content by id. */
export const SAMPLE_START = "2026-06-01T00:00:00.000Z";
const START_MS = Date.parse(SAMPLE_START);

/** Canonical time `hours` after the start. */
export function sampleTime(hours: number): string {
  return new Date(START_MS + hours * 3_600_000).toISOString();
}

/** An event `hours` after the start; its id is made of what is given, unless that names one. */
export function sampleEvent(hours: number, given: Partial<SignalEvent>): SignalEvent {
  const at = sampleTime(hours);
  const { kind = "feedback", item_id: item = "", reaction = "", end_reason: end = "" } = given;
  return {
    event_id: `${kind}-${item}-${reaction}${end}-${hours}`,
    project_id: 1,
    user_id: "u",
    kind,
    occurred_at: at,
    received_at: at,
    ...given,
  };
}

/** Look-up over items given as id -> what is special about it. */
export function sampleContent(
  items: Record<string, Partial<ContentItem>>,
): (itemId: string) => ContentItem | undefined {
  const known = new Map(
    Object.entries(items).map(([id, item]) => [
      id,
      { item_id: id, title: `Title of ${id}`, tags: [], ...item },
    ]),
  );
  return (itemId) => known.get(itemId);
}

/** Two spellings of one subject, another subject, both together, a place. */
export const SUBJECTS = sampleContent({
  art: { tags: [{ facet: "topic", label: "Art" }], vector: [2, 0, 0] },
  artist: { tags: [{ facet: "Topic", label: "ART" }], vector: [1, 0, 0.1] },
  bread: { tags: [{ facet: "topic", label: "Bread", weight: 0.5 }], vector: [0, 3, 0] },
  both: {
    tags: [
      { facet: "topic", label: "art" },
      { facet: "topic", label: "bread" },
    ],
  },
  city: { tags: [{ facet: "place", label: "Rome" }], vector: [0, 0, 1] },
});
