import { userKey } from "@signalpath/domain";
import { sha256 } from "@signalpath/service-kit";

/** Stands where a value was that may say who somebody is, or what they think. */
export const REDACTED = "[redacted]";

/** Longer texts are no names of events and no ids: they are covered. UTF-16 units. */
const MAX_SHOWN = 200;
/** Names of fields as people give them; anything else might itself be data. */
const FIELD_NAME = /^[\w $.:/-]{1,64}$/;

/**
 * Fields whose values are shown: what an event is, which item it is about, when it was and how it
 * came, which is what it may be refused for.
 */
const SHOWN = new Set(
  [
    ["type", "event", "kind", "version", "channel", "source", "project_id"],
    ["message_id", "event_id", "request_id", "slot_id", "experiment_id"],
    ["variation_id", "variation_index", "item_id", "product_id", "sku", "content_id", "tip_id"],
    ["id", "item", "impressions", "position", "reaction", "rating", "end_reason"],
    ["dwell_ms", "dwell_seconds", "value", "revenue", "total", "price", "quantity", "currency"],
    ["timestamp", "original_timestamp", "sent_at", "received_at", "occurred_at", "is_bot"],
  ]
    .flat()
    .map(plain),
);

/** Under these nothing is shown, whatever its name: the person, their device and their place. */
const PERSONAL_PARTS = new Set(["context", "traits", "user", "integrations"]);

const IDS: ReadonlyMap<string, "user" | "anonymous"> = new Map([
  [plain("user_id"), "user"],
  [plain("previous_id"), "user"],
  [plain("anonymous_id"), "anonymous"],
]);

/**
 * A refused event without what says who it is of: ids become the hash that stores and the live
 * stream know the person by, values of fields that are not known to be harmless are covered. Its
 * shape stays, and so do empty values: they are often why it was refused.
 * @param event JSON, or the text of what was none: nobody knows what is in it, so it is covered whole.
 */
export function redactedEvent(projectId: number, event: unknown): unknown {
  if (typeof event === "string") return `${REDACTED} ${event.length} characters of text`;

  function inside(value: unknown, name: string, isCovered: boolean): unknown {
    if (Array.isArray(value)) return value.map((one: unknown) => inside(one, name, isCovered));
    if (typeof value === "object" && value !== null) {
      const fields = Object.entries(value).map(([key, one], at) => {
        const part = plain(key);
        const shownKey = FIELD_NAME.test(key) ? key : `${REDACTED} ${at + 1}`;
        return [shownKey, inside(one, part, isCovered || PERSONAL_PARTS.has(part))] as const;
      });
      return Object.fromEntries(fields);
    }
    if (value === null || value === "") return value;
    const space = IDS.get(name);
    if (space !== undefined && (typeof value === "string" || typeof value === "number")) {
      return userKey(sha256, projectId, space, String(value).trim());
    }
    return isCovered || !SHOWN.has(name) || !isShort(value) ? REDACTED : value;
  }
  return inside(event, "", false);
}

/** An address of a mailbox is nobody's item, whichever field it is in. */
function isShort(value: unknown): boolean {
  return typeof value !== "string" || (value.length <= MAX_SHOWN && !value.includes("@"));
}

/** `userId`, `user_id` and `User-ID` are one name. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
