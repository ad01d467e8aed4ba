import { MAX_EVENT_BYTES, ServiceError } from "@signalpath/contracts";
import { decodeUtf8, parseJson } from "@signalpath/service-kit";

/** More events in one request are more than can be judged while others wait. */
export const MAX_ITEMS = 100_000;

/** The events of a request, unjudged. */
export interface RequestItems {
  items: readonly unknown[];
  /** The body is one event and no list. */
  alone: boolean;
}

/**
 * Events of a body: one object, an array, or `{"batch": [...]}`.
 * @throws ServiceError MALFORMED_JSON, UNSUPPORTED_BODY, BODY_TOO_LARGE.
 */
export function readItems(bytes: Uint8Array): RequestItems {
  const found = itemsOf(parseJson(decodeUtf8(bytes)));
  if (found.alone && bytes.length > MAX_EVENT_BYTES) {
    throw new ServiceError("BODY_TOO_LARGE", `an event is at most ${MAX_EVENT_BYTES} bytes`);
  }
  if (found.items.length > MAX_ITEMS) {
    throw new ServiceError("BODY_TOO_LARGE", `a request has at most ${MAX_ITEMS} events`);
  }
  return found;
}

function itemsOf(body: unknown): RequestItems {
  if (Array.isArray(body)) return { items: body, alone: false };
  if (typeof body !== "object" || body === null) {
    throw new ServiceError("UNSUPPORTED_BODY", "the body must be an event or a list of events");
  }
  if (!Object.hasOwn(body, "batch")) return { items: [body], alone: true };
  const { batch } = body as { batch: unknown };
  if (Array.isArray(batch)) return { items: batch, alone: false };
  // An event may carry a field of this name; an envelope has neither type nor event.
  const isEvent = Object.hasOwn(body, "type") || Object.hasOwn(body, "event");
  if (isEvent) return { items: [body], alone: true };
  throw new ServiceError("UNSUPPORTED_BODY", "batch must be a list of events");
}
