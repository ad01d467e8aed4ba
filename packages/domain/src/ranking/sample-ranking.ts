import { encodeFloat32, encodeUint32 } from "../content/base64.ts";
import { hash32 } from "../content/hash.ts";
import type { ContentItem } from "../content/types.ts";
import type { UserSignals } from "../user-model/types.ts";
import type { RankingRule } from "./rules.ts";
import type { Candidate, RankingInput } from "./types.ts";

// What the tests of ranking are built from; imported by tests only.

/** 2026-06-12T12:00:00Z. */
export const SAMPLE_NOW_MS = Date.UTC(2026, 5, 12, 12);

export function sampleItem(itemId: string, parts: Partial<ContentItem> = {}): ContentItem {
  return { item_id: itemId, title: `Title of ${itemId}`, tags: [], ...parts };
}

export function topics(...labels: string[]): ContentItem["tags"] {
  return labels.map((label) => ({ facet: "topic", label }));
}

/** A model of nothing, with the given parts; `seenIds` and vectors are encoded. */
export function sampleModel(
  parts: Partial<UserSignals> & { seenIds?: readonly string[]; tasteOf?: readonly number[] } = {},
): UserSignals {
  const { seenIds = [], tasteOf, ...rest } = parts;
  return {
    version: 1,
    as_of: "2026-06-12T11:00:00.000Z",
    n_events: 10,
    positives: {},
    negatives: {},
    seen: encodeUint32(Uint32Array.from(seenIds, hash32).sort()),
    hidden_until: {},
    recent: [],
    tag_affinity: {},
    tag_aversion: {},
    interests: [],
    behavior: {
      n_views: 0,
      n_positive: 0,
      n_negative: 0,
      avg_dwell_ratio: 0,
      completion_rate: 0,
      revisit_rate: 0,
      depth: 0,
    },
    hours: Array.from({ length: 24 }, () => 0),
    demographics: {},
    ...(tasteOf === undefined ? {} : { taste: encodeFloat32(tasteOf) }),
    ...rest,
  };
}

/** Every item is a candidate and known content; nothing is counted, nobody has neighbours. */
export function sampleInput(
  items: readonly ContentItem[],
  parts: Partial<RankingInput> = {},
): RankingInput {
  const byId = new Map(items.map((item) => [item.item_id, item]));
  return {
    model: undefined,
    candidates: items.map((item): Candidate => ({ item, sources: ["popular"] })),
    itemSignals: () => undefined,
    neighbours: () => [],
    content: (id) => byId.get(id),
    nowMs: SAMPLE_NOW_MS,
    near: undefined,
    limit: 10,
    ...parts,
  };
}

/** A boost of nothing, at any time, for everybody. */
export const sampleRule = (parts: Partial<RankingRule>): RankingRule => ({
  id: 1,
  name: "rule",
  kind: "boost",
  item_id: null,
  tag: null,
  place: null,
  strength: null,
  from: null,
  until: null,
  placement: null,
  segment: null,
  ...parts,
});
