import type { SignalEvent } from "../events/types.ts";
import type { Sha256 } from "../identity/keys.ts";
import type { CompiledEventMap } from "./compile-event-map.ts";
import { readIsBot, readLocation, readSessionId, readTraits } from "./fields.ts";
import { numberText, readIdentity, type EventIdentity } from "./identity.ts";
import {
  canonicalJson,
  findFlaw,
  firstOf,
  isObject,
  MAX_JSON_DEPTH,
  objectOr,
  own,
  type JsonObject,
} from "./json.ts";
import { readMeaning, typeOf, type IgnoredCode, type Payload } from "./meaning.ts";
import { cleanText } from "./text.ts";
import { canonicalTimeText, readOccurredAt, type OccurredAt } from "./time.ts";

/** Everything beside the event itself that its normal form depends on. */
export interface NormaliseContext {
  projectId: number;
  /** When we got it, milliseconds since 1970. */
  receivedAtMs: number;
  eventMap: CompiledEventMap;
  sha256: Sha256;
  isBotUserAgent: (userAgent: string) => boolean;
  /** Written to `source`; `rudderstack` when absent. At most 100 characters. */
  source?: string;
}

export type DeadCode =
  | "NOT_AN_OBJECT"
  | "TOO_DEEP"
  | "UNSAFE_BODY"
  | "NO_IDENTITY"
  | "INVALID_EVENT"
  | "EVENT_TOO_LARGE";

/** What becomes of one event as sent. */
export type Normalised =
  | {
      verdict: "events";
      messageId: string;
      /** At least one; several when `products` fanned out. */
      events: SignalEvent[];
      /** The sender's clock ran ahead and `occurred_at` is the arrival instead. */
      clamped: boolean;
    }
  | { verdict: "ignored"; code: IgnoredCode; messageId: string; detail: string }
  | { verdict: "expired"; code: "EXPIRED"; messageId: string; detail: string }
  | {
      verdict: "dead_lettered";
      code: DeadCode;
      /** Undefined when the event was too broken to have one. */
      messageId: string | undefined;
      detail: string;
    };

const MAX_MESSAGE_ID = 200;
const MESSAGE_ID_KEYS = ["messageId", "message_id"];

/**
 * Normal form of one event as RudderStack (or anyone who speaks its event spec) sends it. Pure:
 * the same event in the same context gives the same bytes. Never throws on a parsed JSON value.
 * Judged in this order: shape, type and name, identity, time.
 */
export function normaliseRudderStack(raw: unknown, context: NormaliseContext): Normalised {
  if (!isObject(raw)) {
    const detail = "an event must be a JSON object";
    return { verdict: "dead_lettered", code: "NOT_AN_OBJECT", messageId: undefined, detail };
  }
  const flaw = findFlaw(raw);
  if (flaw !== undefined) {
    const detail =
      flaw === "TOO_DEEP"
        ? `nested deeper than ${MAX_JSON_DEPTH}`
        : "holds a key that could reach a prototype";
    const messageId = readMessageId(raw, context.sha256);
    return { verdict: "dead_lettered", code: flaw, messageId, detail };
  }
  const identity = readIdentity(raw);
  const messageId =
    readMessageId(raw, context.sha256) ?? derivedMessageId(raw, identity, context.sha256);
  const meaning = readMeaning(raw, objectOr(own(raw, "properties")), context.eventMap);
  if (meaning.verdict !== "payloads") return { ...meaning, messageId };
  if (identity.user_id === undefined && identity.anonymous_id === undefined) {
    const detail = "no usable userId or anonymousId";
    return { verdict: "dead_lettered", code: "NO_IDENTITY", messageId, detail };
  }
  const time = readOccurredAt(raw, context.receivedAtMs);
  if (time.expired) {
    return { verdict: "expired", code: "EXPIRED", messageId, detail: "older than 30 days" };
  }
  const shared = sharedFields(raw, identity, time, context);
  const events = meaning.payloads.map((payload, index) =>
    compact(
      meaning.fannedOut ? partId(messageId, index, context.sha256) : messageId,
      shared,
      payload,
    ),
  );
  return { verdict: "events", messageId, events, clamped: time.clamped };
}

/** Id the sender gave: trimmed text or a number; a long one is replaced by its hash. */
function readMessageId(raw: JsonObject, sha256: Sha256): string | undefined {
  const given = firstOf(raw, MESSAGE_ID_KEYS, messageIdText);
  return given !== undefined && given.length > MAX_MESSAGE_ID ? sha256(given) : given;
}

function messageIdText(value: unknown): string | undefined {
  if (typeof value === "number") return numberText(value);
  if (typeof value !== "string") return undefined;
  const text = cleanText(value).trim();
  return text === "" ? undefined : text;
}

/**
 * The same for every copy of an event that came without an id: nothing in it may change with a
 * retry, so of its times only those of the event itself count, not those of the sending.
 */
function derivedMessageId(raw: JsonObject, identity: EventIdentity, sha256: Sha256): string {
  const facts = {
    ...identity,
    type: typeOf(raw) ?? null,
    event: own(raw, "event") ?? own(raw, "name") ?? null,
    time: own(raw, "originalTimestamp") ?? own(raw, "timestamp") ?? null,
    properties: own(raw, "properties") ?? null,
    traits: own(raw, "traits") ?? own(objectOr(own(raw, "context")), "traits") ?? null,
  };
  return sha256(canonicalJson(facts));
}

/** Id of one product's event; a message id too long to carry the suffix lends its hash. */
function partId(messageId: string, index: number, sha256: Sha256): string {
  const id = `${messageId}#${index}`;
  return id.length <= MAX_MESSAGE_ID ? id : `${sha256(messageId)}#${index}`;
}

type Shared = Omit<SignalEvent, "event_id" | "kind">;

function sharedFields(
  raw: JsonObject,
  identity: EventIdentity,
  time: Extract<OccurredAt, { expired: false }>,
  context: NormaliseContext,
): Shared {
  const type = typeOf(raw);
  const surroundings = objectOr(own(raw, "context"));
  const props = objectOr(own(raw, "properties"));
  const receivedAt = canonicalTimeText(context.receivedAtMs);
  return {
    project_id: context.projectId,
    user_id: identity.user_id,
    anonymous_id: identity.anonymous_id,
    previous_id: type === "alias" ? identity.previous_id : undefined,
    occurred_at: time.ms === context.receivedAtMs ? receivedAt : canonicalTimeText(time.ms),
    received_at: receivedAt,
    utc_offset_min: time.offsetMin,
    session_id: readSessionId(surroundings, props),
    location: readLocation(surroundings, props),
    traits: type === "identify" ? readTraits(raw, surroundings) : undefined,
    source: context.source ?? "rudderstack",
    is_bot: readIsBot(surroundings, context.isBotUserAgent) ? true : undefined,
  };
}

/** Without the members that are undefined: absent is absent, on the wire and in equality. */
function compact(eventId: string, shared: Shared, payload: Payload): SignalEvent {
  const event: Record<string, unknown> = { event_id: eventId };
  addPresent(event, shared);
  addPresent(event, payload);
  return event as unknown as SignalEvent;
}

function addPresent(to: Record<string, unknown>, members: object): void {
  for (const name of Object.keys(members)) {
    const value = (members as JsonObject)[name];
    if (value !== undefined) to[name] = value;
  }
}
