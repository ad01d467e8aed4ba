import type { EventKind, SignalEvent } from "../events/types.ts";
import type { CompiledEventMap } from "./compile-event-map.ts";
import type { EventRule } from "./event-map.ts";
import {
  readDwell,
  readExperimentId,
  readImpressions,
  readItemId,
  readPosition,
  readProductValue,
  readQuery,
  readRating,
  readRequestId,
  readSlotId,
  readValue,
  readVariationIndex,
} from "./fields.ts";
import { isObject, own, type JsonObject } from "./json.ts";
import { cleanObject, cleanText } from "./text.ts";

/** What an event says beside who, when and where. */
export type Payload = Partial<SignalEvent> & Pick<SignalEvent, "kind">;

export type IgnoredCode = "UNMAPPED_EVENT" | "NO_ITEM" | "IGNORED_TYPE";
export type Meaning =
  | { verdict: "payloads"; payloads: Payload[]; fannedOut: boolean }
  | { verdict: "ignored"; code: IgnoredCode; detail: string }
  | { verdict: "dead_lettered"; code: "INVALID_EVENT" | "EVENT_TOO_LARGE"; detail: string };

/** One event becomes at most this many: an order with more lines is no order. */
export const MAX_FAN_OUT = 1_000;

const NEEDS_ITEM: ReadonlySet<EventKind> = new Set(["served", "feedback", "viewed"]);

/** What type and name of an event mean; `props` are its properties. */
export function readMeaning(raw: JsonObject, props: JsonObject, map: CompiledEventMap): Meaning {
  const type = typeOf(raw);
  switch (type) {
    case "track":
      return meaningOfTrack(raw, props, map);
    case "page":
    case "screen":
      return withItems({ kind: "viewed" }, props, map);
    case "identify":
    case "alias":
      return { verdict: "payloads", payloads: [{ kind: "identified" }], fannedOut: false };
    default:
      return {
        verdict: "ignored",
        code: "IGNORED_TYPE",
        detail: "events of this type carry no signal",
      };
  }
}

/** Lower-cased type; an event with a name and no type at all is a track. */
export function typeOf(raw: JsonObject): string | undefined {
  const type = own(raw, "type");
  const text = typeof type === "string" ? cleanText(type).trim() : "";
  if (text !== "") return text.toLowerCase();
  if (type !== undefined && type !== null && type !== "") return undefined;
  const name = own(raw, "event");
  return typeof name === "string" && name.trim() !== "" ? "track" : undefined;
}

function meaningOfTrack(raw: JsonObject, props: JsonObject, map: CompiledEventMap): Meaning {
  const name = own(raw, "event");
  const rule = typeof name === "string" ? map.rule(cleanText(name)) : undefined;
  if (rule === undefined) {
    return { verdict: "ignored", code: "UNMAPPED_EVENT", detail: "name is not in the event map" };
  }
  if (NEEDS_ITEM.has(rule.kind)) return withItems(rule, props, map);
  switch (rule.kind) {
    case "survey": {
      const answers = own(props, "answers");
      if (!isObject(answers)) return invalid("properties.answers must be an object");
      return one({ kind: "survey", answers: cleanObject(answers), ...common(props) });
    }
    case "exposed": {
      const experiment = readExperimentId(props);
      const variation = readVariationIndex(props);
      if (experiment === undefined || variation === undefined) {
        return invalid("properties.experiment_id and variation_index are required");
      }
      return one({ kind: "exposed", ...common(props) });
    }
    case "search":
      return one({ kind: "search", query: readQuery(props), ...common(props) });
    case "identified":
      return one({ kind: "identified", traits: cleanObject(props) });
    case "served":
    case "feedback":
    case "viewed":
      return one({ kind: rule.kind, ...common(props) });
  }
}

/** One payload for the event's item, or one for each of its products that names an item. */
function withItems(rule: EventRule, props: JsonObject, map: CompiledEventMap): Meaning {
  const products = own(props, "products");
  if (Array.isArray(products) && products.length > 0) {
    const list = products.filter(isObject).filter((one) => readItemId(one) !== undefined);
    if (list.length > MAX_FAN_OUT) {
      const detail = `more than ${MAX_FAN_OUT} products`;
      return { verdict: "dead_lettered", code: "EVENT_TOO_LARGE", detail };
    }
    if (list.length > 0) return fanOut(rule, props, list, map);
  }
  const item = readItemId(props);
  if (item === undefined) {
    return { verdict: "ignored", code: "NO_ITEM", detail: "no usable item id in properties" };
  }
  const about = ofItem(rule, props, props, map);
  if (typeof about === "string") return invalid(about);
  const place = { item_id: item, position: readPosition(props), value: readValue(props) };
  // Assigned to what was just made: literals with several spreads cost a multiple of it.
  return one(Object.assign(about, place, common(props)));
}

function fanOut(
  rule: EventRule,
  props: JsonObject,
  products: readonly JsonObject[],
  map: CompiledEventMap,
): Meaning {
  const payloads: Payload[] = [];
  for (const product of products) {
    const about = ofItem(rule, product, props, map);
    if (typeof about === "string") return invalid(about);
    payloads.push({
      ...common(props),
      ...about,
      // The list of one answer, repeated for each of its items, would multiply without end.
      impressions: undefined,
      item_id: readItemId(product),
      position: readPosition(product),
      value: readProductValue(product),
    });
  }
  return { verdict: "payloads", payloads, fannedOut: true };
}

/** Kind with what it says about one item, or what is wrong with it. */
function ofItem(
  rule: EventRule,
  item: JsonObject,
  props: JsonObject,
  map: CompiledEventMap,
): Payload | string {
  if (rule.kind === "served") return { kind: "served", impressions: readImpressions(props) };
  const dwell_ms = readDwell(props);
  const rating = readRating(item) ?? readRating(props);
  if (rule.kind === "viewed") {
    const word = own(props, "end_reason") ?? own(props, "endReason");
    const named = typeof word === "string" ? map.endReason(word) : undefined;
    return { kind: "viewed", dwell_ms, end_reason: named ?? rule.end_reason, rating };
  }
  const word = own(props, "reaction");
  const named = typeof word === "string" ? map.reaction(word) : undefined;
  const rated = word === undefined && rating !== undefined ? ("rating" as const) : undefined;
  const reaction = rule.reaction ?? named ?? rated;
  if (reaction === undefined) return "properties.reaction is missing or not a known reaction";
  if (reaction === "rating" && rating === undefined) return "properties.rating must be 1 to 5";
  return { kind: "feedback", reaction, dwell_ms, rating };
}

/** What an answer of the recommender said and the sender echoes. */
function common(props: JsonObject): Partial<SignalEvent> {
  return {
    request_id: readRequestId(props),
    slot_id: readSlotId(props),
    experiment_id: readExperimentId(props),
    variation_index: readVariationIndex(props),
  };
}

function one(payload: Payload): Meaning {
  return { verdict: "payloads", payloads: [payload], fannedOut: false };
}

function invalid(detail: string): Meaning {
  return { verdict: "dead_lettered", code: "INVALID_EVENT", detail };
}
