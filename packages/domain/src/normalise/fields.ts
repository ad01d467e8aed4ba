import type { GeoPoint } from "../events/types.ts";
import { idText, namedId } from "./identity.ts";
import { firstOf, integerOf, isObject, numberOf, objectOr, own, type JsonObject } from "./json.ts";
import { cleanObject, cleanText, cutText } from "./text.ts";

/** A track event names its item by the first of these that holds a usable id. */
const ITEM_KEYS = [
  ["product_id", "productId"],
  ["sku"],
  ["content_id", "contentId"],
  ["item_id", "itemId"],
  ["tip_id", "tipId"],
  ["id"],
  ["item"],
].flat();
/** Numbers that become columns stay within 32 bits. */
const MAX_INT = 2 ** 31 - 1;
const MAX_IMPRESSIONS = 1_000;
const MAX_QUERY = 1_000;
const MAX_EXPERIMENT_ID = 100;
/** Amounts come as `12.5`, `"12.50"` or `"$1,299.00"`. */
const AMOUNT = /^[^\d.-]{0,8}(-?)[^\d.-]{0,8}(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?[^\d]{0,8}$/;

export function readItemId(object: JsonObject): string | undefined {
  return firstOf(object, ITEM_KEYS, namedId);
}

/** Ids of the list that was shown; members without a usable id are left out. */
export function readImpressions(props: JsonObject): string[] | undefined {
  const list = own(props, "impressions");
  if (!Array.isArray(list)) return undefined;
  const ids: string[] = [];
  for (const member of list) {
    if (ids.length === MAX_IMPRESSIONS) break;
    const id = isObject(member) ? readItemId(member) : namedId(member);
    if (id !== undefined) ids.push(id);
  }
  return ids.length > 0 ? ids : undefined;
}

/** 1-based place in a list; promotions send it as text. */
export function readPosition(object: JsonObject): number | undefined {
  return integerOf(own(object, "position"), 1, MAX_INT);
}

/** Milliseconds spent; negative times are none. */
export function readDwell(props: JsonObject): number | undefined {
  const ms = firstOf(props, ["dwell_ms", "dwellMs"], nonNegative);
  if (ms !== undefined) return ms;
  const seconds = firstOf(props, ["dwell_seconds", "dwellSeconds"], nonNegative);
  const asMs = seconds === undefined ? undefined : seconds * 1_000;
  return asMs !== undefined && Number.isFinite(asMs) ? asMs : undefined;
}

function nonNegative(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number >= 0 ? number + 0 : undefined;
}

/** 1 to 5, else none. */
export function readRating(props: JsonObject): number | undefined {
  const rating = numberOf(own(props, "rating"));
  return rating !== undefined && rating >= 1 && rating <= 5 ? rating : undefined;
}

export function readRequestId(props: JsonObject): string | undefined {
  return firstOf(props, ["request_id", "requestId", "recommendation_request_id"], idText);
}

export function readSessionId(context: JsonObject, props: JsonObject): string | undefined {
  const keys = ["sessionId", "session_id"];
  return firstOf(context, keys, idText) ?? firstOf(props, keys, idText);
}

export function readSlotId(props: JsonObject): number | undefined {
  return firstOf(props, ["slot_id", "slotId", "deployment_slot"], naturalOf);
}

export function readExperimentId(props: JsonObject): string | undefined {
  const id = firstOf(props, ["experiment_id", "experimentId"], idText);
  return id !== undefined && id.length <= MAX_EXPERIMENT_ID ? id : undefined;
}

/** A variation's own number; `variation_id` counts when it is one. */
export function readVariationIndex(props: JsonObject): number | undefined {
  const keys = ["variation_index", "variationIndex", "variation_id", "variationId"];
  return firstOf(props, keys, naturalOf);
}

function naturalOf(value: unknown): number | undefined {
  return integerOf(value, 0, MAX_INT);
}

/** Money or any other amount of an event: `value`, else `revenue`, else `total`. */
export function readValue(props: JsonObject): number | undefined {
  return firstOf(props, ["value", "revenue", "total"], amountOf) ?? priceTimesQuantity(props);
}

/** Amount of one product of an order: its own, never the order's total. */
export function readProductValue(product: JsonObject): number | undefined {
  return firstOf(product, ["value", "revenue"], amountOf) ?? priceTimesQuantity(product);
}

function priceTimesQuantity(object: JsonObject): number | undefined {
  const price = amountOf(own(object, "price"));
  if (price === undefined) return undefined;
  const quantity = numberOf(own(object, "quantity")) ?? 1;
  const amount = price * quantity;
  return Number.isFinite(amount) ? amount + 0 : undefined;
}

function amountOf(value: unknown): number | undefined {
  const number = numberOf(value);
  if (number !== undefined) return number + 0;
  if (typeof value !== "string" || value.length > 64) return undefined;
  const match = AMOUNT.exec(value.trim());
  if (match === null) return undefined;
  const amount = Number(`${match[1]}${match[2]?.replaceAll(",", "")}${match[3] ?? ""}`);
  return Number.isFinite(amount) ? amount + 0 : undefined;
}

export function readQuery(props: JsonObject): string | undefined {
  const value = own(props, "query");
  if (typeof value === "number" && Number.isFinite(value)) return `${value}`;
  if (typeof value !== "string") return undefined;
  const text = cutText(cleanText(value).trim(), MAX_QUERY);
  return text === "" ? undefined : text;
}

/** Where it happened: what the event says, else the device's own place, else the one of its IP. */
export function readLocation(context: JsonObject, props: JsonObject): GeoPoint | undefined {
  return (
    pointOf(own(props, "location")) ??
    pointOf(own(context, "location")) ??
    pointOf(own(objectOr(own(context, "geo")), "location")) ??
    pointOf(own(context, "geo"))
  );
}

/** `{lat, lon}`, `{latitude, longitude}`, `{lat, lng}` or the text `lat,lng`; WGS 84 degrees. */
function pointOf(value: unknown): GeoPoint | undefined {
  let lat: number | undefined;
  let lon: number | undefined;
  if (typeof value === "string" && value.length <= 100) {
    const parts = value.split(",");
    if (parts.length === 2) [lat, lon] = [numberOf(parts[0]), numberOf(parts[1])];
  } else if (isObject(value)) {
    lat = firstOf(value, ["lat", "latitude"], numberOf);
    lon = firstOf(value, ["lon", "lng", "long", "longitude"], numberOf);
  }
  if (lat === undefined || lon === undefined) return undefined;
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  return { lat: lat + 0, lon: lon + 0 };
}

/** Traits of an identify: those of the context, overridden by the event's own. */
export function readTraits(
  raw: JsonObject,
  context: JsonObject,
): Record<string, unknown> | undefined {
  const traits = {
    ...cleanObject(objectOr(own(context, "traits"))),
    ...cleanObject(objectOr(own(raw, "traits"))),
  };
  return Object.keys(traits).length > 0 ? traits : undefined;
}

/** True when the sender flagged it or its user agent is one of a bot. */
export function readIsBot(
  context: JsonObject,
  isBotUserAgent: (userAgent: string) => boolean,
): boolean {
  if (own(context, "isBot") === true || own(context, "is_bot") === true) return true;
  const agent = firstOf(context, ["userAgent", "user_agent"], agentText);
  return agent !== undefined && isBotUserAgent(agent);
}

function agentText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? cutText(value, 1_000) : undefined;
}
