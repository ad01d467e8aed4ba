import { encodeUint32 } from "../content/base64.ts";
import { hash32 } from "../content/hash.ts";
import type { ContentItem } from "../content/types.ts";
import type { SignalEvent } from "../events/types.ts";
import { behaviorOf, positiveHours } from "./behavior.ts";
import { rankDecay, SIGNALS_CONFIG, timeDecay, type SignalsConfig } from "./config.ts";
import { pickInterests } from "./interests.ts";
import { createItemFacts } from "./item-facts.ts";
import { orderedEvents, type TimedEvent } from "./ordered-events.ts";
import * as tags from "./tag-weights.ts";
import { foldTouches, type TouchedItem } from "./touched-items.ts";
import { demographics, newestAnswers, newestTraits, seedMass, type TagLabels } from "./traits.ts";
import type { UserSignals } from "./types.ts";
import { dimensionsOf, tasteOf } from "./vectors.ts";

export type ContentLookup = (itemId: string) => ContentItem | undefined;

/** The space that the content's vectors live in. */
export interface EmbeddingSpace {
  id: string;
  /** d x d row-major: taste = its product with sum(weight x vector). Absent: the unit centroid. */
  foldIn?: Float32Array | undefined;
  /** Not told by a model that has no vectors. */
  ifUsed?: true | undefined;
}

/** Builds a model from a set of events, see `buildUserSignals`. */
export type UserSignalsBuilder = (
  events: readonly SignalEvent[],
  content: ContentLookup,
  asOf?: string,
  space?: EmbeddingSpace,
) => UserSignals;

export interface BuilderOptions {
  /** Tags a trait or a survey answer may name; without it they seed nothing. */
  tagLabels?: TagLabels | undefined;
  /** Id of the embedding space the content's vectors live in. */
  spaceId?: string | undefined;
  config?: SignalsConfig | undefined;
}

/** `as_of` of a model of nothing. */
const NO_TIME = "1970-01-01T00:00:00.000Z";
/** Name of the space of vectors that came with the items. */
export const CONTENT_SPACE = "content";

/**
 * The user model: a pure function of the set of events, the content they touch and `asOf`. Order,
 * repetition and batching of the events do not matter, to the bit. No events: a valid empty model.
 *
 * @param content current item by id; a person's touches of unknown items count without tags.
 * @param asOf canonical ISO time the model is of, default that of the newest event; events after
 *   it have not happened yet.
 * @param tagLabels tag keys by folded label, so that traits and answers can seed affinities.
 * @throws RangeError when `asOf` or an `occurred_at` is no date.
 */
export function buildUserSignals(
  events: readonly SignalEvent[],
  content: ContentLookup,
  asOf?: string,
  tagLabels?: TagLabels,
): UserSignals {
  return createUserSignalsBuilder({ tagLabels })(events, content, asOf);
}

/**
 * A builder that remembers what it derived from an item, by item object: for whoever builds many
 * models over one catalogue. Its answers are those of `buildUserSignals`.
 */
export function createUserSignalsBuilder(options: BuilderOptions = {}): UserSignalsBuilder {
  const config = options.config ?? SIGNALS_CONFIG;
  const factsOf = createItemFacts(config);
  const ownSpace = { id: options.spaceId ?? CONTENT_SPACE, ifUsed: true } as const;
  return (events, content, asOf, space = ownSpace) => {
    const limitMs = asOf === undefined ? Number.POSITIVE_INFINITY : Date.parse(asOf);
    if (Number.isNaN(limitMs)) throw new RangeError("asOf is no date");
    const ordered = orderedEvents(events, limitMs);
    const newest = ordered.at(-1);
    const asOfMs = asOf === undefined ? (newest?.ms ?? 0) : limitMs;
    const touches = foldTouches(ordered, content, factsOf, config);
    const traits = newestTraits(ordered);
    const told = [traits, newestAnswers(ordered)];
    const seeds = seedMass(told, options.tagLabels ?? (() => []), asOfMs, config);
    const behavior = behaviorOf(
      touches.items.map(({ engagement }) => engagement),
      touches.events,
    );
    return {
      version: config.version,
      as_of: asOf ?? newest?.event.occurred_at ?? NO_TIME,
      n_events: ordered.length,
      ...touchState(touches.items, asOfMs, config),
      ...opinions(touches.items, touches.untouched, seeds, asOfMs, space, config),
      behavior,
      hours: positiveHours(touches.events, config),
      demographics: demographics(traits, config.caps),
      ...lastLocation(ordered),
    };
  };
}

/** What was seen, is hidden, is recent. */
function touchState(
  items: readonly TouchedItem[],
  asOfMs: number,
  config: SignalsConfig,
): Pick<UserSignals, "seen" | "hidden_until" | "recent"> {
  // A snoozed item is to come back, so it is hidden for a while and not seen for good.
  const seen = items.filter(({ engagement }) => engagement.hiddenUntilMs === undefined);
  const hashes = new Set(seen.map(({ itemId }) => hash32(itemId)));
  const hidden = items.flatMap(({ itemId, engagement: { hiddenUntilMs } }) =>
    hiddenUntilMs !== undefined && hiddenUntilMs > asOfMs
      ? [[itemId, new Date(hiddenUntilMs).toISOString()] as const]
      : [],
  );
  return {
    seen: encodeUint32(Uint32Array.from(hashes).sort()),
    hidden_until: Object.fromEntries(hidden.slice(0, config.caps.hidden)),
    recent: items.slice(0, config.caps.recent).map(({ itemId }) => itemId),
  };
}

type Opinions = Pick<
  UserSignals,
  | "positives"
  | "negatives"
  | "tag_affinity"
  | "tag_aversion"
  | "taste"
  | "taste_away"
  | "interests"
  | "space"
>;

/** What is liked and disliked: items, tags, directions. */
function opinions(
  items: readonly TouchedItem[],
  untouched: ReadonlyMap<string, number>,
  seeds: ReadonlyMap<string, number>,
  asOfMs: number,
  space: EmbeddingSpace,
  config: SignalsConfig,
): Opinions {
  const liked = likedItems(items, asOfMs, config);
  const disliked = dislikedItems(items, asOfMs, config);
  // Being passed over weighs on the item alone: its tags were recommended because they are liked.
  const passedOver = [...untouched].map(([itemId, ms]) => {
    const decay = timeDecay(asOfMs - ms, config.negativeHalfLifeMs);
    return [itemId, config.softNegative * decay] as const;
  });
  const likedMass = tags.addMass(tags.tagMass(liked), seeds);
  const { positives, negatives, tags: maxTags } = config.caps;
  const dimensions = dimensionsOf(liked) || dimensionsOf(disliked);
  const taste = tasteOf(liked, dimensions, space.foldIn);
  const away = tasteOf(disliked, dimensions, space.foldIn);
  return {
    positives: tags.topWeights(entries(liked), positives),
    negatives: tags.topWeights([...entries(disliked), ...passedOver], negatives),
    tag_affinity: tags.tagWeights(likedMass, maxTags),
    // One dislike among many likes of a tag is a verdict on the item, not on the tag.
    tag_aversion: tags.tagWeights(tags.subtractMass(tags.tagMass(disliked), likedMass), maxTags),
    ...(taste === undefined ? {} : { taste }),
    ...(away === undefined ? {} : { taste_away: away }),
    interests: pickInterests(liked, config.interests),
    // A space that was named is told even where nothing liked has a place in it: the model is of it.
    ...(dimensions === 0 && space.ifUsed === true ? {} : { space: { id: space.id, dimensions } }),
  };
}

function entries(items: readonly tags.WeighedItem[]): (readonly [string, number])[] {
  return items.map(({ itemId, weight }) => [itemId, weight] as const);
}

/** Liked items, last touched first: strength x rank decay x time decay. */
function likedItems(
  items: readonly TouchedItem[],
  asOfMs: number,
  config: SignalsConfig,
): tags.WeighedItem[] {
  return items
    .filter(({ engagement }) => engagement.stance === "positive")
    .map(({ itemId, lastMs, facts, engagement }, rank) => {
      const decay =
        rankDecay(rank, config.rankDecay) * timeDecay(asOfMs - lastMs, config.positiveHalfLifeMs);
      return { itemId, facts, weight: engagement.strength * decay };
    });
}

/** Disliked items, last touched first: strength x time decay, without the sign. */
function dislikedItems(
  items: readonly TouchedItem[],
  asOfMs: number,
  config: SignalsConfig,
): tags.WeighedItem[] {
  return items
    .filter(({ engagement }) => engagement.stance === "negative")
    .map(({ itemId, lastMs, facts, engagement }) => {
      const decay = timeDecay(asOfMs - lastMs, config.negativeHalfLifeMs);
      return { itemId, facts, weight: -engagement.strength * decay };
    });
}

function lastLocation(ordered: readonly TimedEvent[]): Pick<UserSignals, "last_location"> {
  const found = ordered.findLast(({ event }) => event.location !== undefined)?.event.location;
  return found === undefined ? {} : { last_location: { lat: found.lat, lon: found.lon } };
}
