import fc from "fast-check";

import { edgeNumber, itemId, oddId, personId, time } from "../values.ts";

const EVENT_NAMES = [
  "Tip Feedback",
  "Tip Served",
  "tip_liked",
  "CONTENT_VIEW_STARTED",
  "CONTENT_VIEW_ENDED",
  "SURVEY_SUBMITTED",
  "Products Searched",
  "Product Viewed",
  "Product Clicked",
  "Product Reviewed",
  "Order Completed",
  "Order Refunded",
  "Experiment Viewed",
  "constructor",
  "__proto__",
  "Nothing Known",
] as const;

const messageId = fc.oneof(
  { weight: 3, arbitrary: fc.uuid() },
  { weight: 2, arbitrary: fc.nat({ max: 300 }).map((n) => `m-${n}`) },
  { weight: 1, arbitrary: oddId },
);

const product = fc.record(
  {
    product_id: itemId,
    sku: itemId,
    price: fc.oneof(edgeNumber, fc.constantFrom("$1,299.00", "12,5", "-3")),
    quantity: edgeNumber,
    position: fc.oneof(fc.constantFrom<unknown>("3", 0, 1.5), edgeNumber),
  },
  { requiredKeys: [] },
);

const properties = fc.record(
  {
    item_id: itemId,
    product_id: fc.oneof(itemId, edgeNumber),
    reaction: fc.constantFrom("done", "like", "dismiss", "snooze", "constructor", "LIKE", ""),
    dwell_ms: edgeNumber,
    dwell_seconds: fc.oneof(edgeNumber, fc.constantFrom("3.5", "1e400")),
    end_reason: fc.constantFrom("next", "abandoned", "close_button", "toString"),
    rating: fc.oneof(fc.integer({ min: 0, max: 6 }), edgeNumber),
    request_id: fc.oneof(fc.uuid(), oddId),
    position: edgeNumber,
    slot_id: edgeNumber,
    experiment_id: fc.oneof(fc.uuid(), oddId),
    variation_index: edgeNumber,
    query: fc.oneof(oddId, fc.constant({ q: 1 })),
    answers: fc.dictionary(oddId, oddId, { maxKeys: 3 }),
    value: fc.oneof(edgeNumber, fc.constantFrom("$12.30", "1,2,3")),
    impressions: fc.array(itemId, { maxLength: 5 }),
    location: fc.oneof(
      fc.constantFrom<unknown>("52.1,9.9", "1e400,2", ","),
      fc.record({ lat: edgeNumber, lon: edgeNumber }),
    ),
    products: fc.array(product, { maxLength: 4 }),
  },
  { requiredKeys: [] },
);

const context = fc.record(
  {
    isBot: fc.boolean(),
    userAgent: fc.constantFrom("Mozilla/5.0", "Googlebot/2.1", "(".repeat(3_000)),
    traits: fc.dictionary(oddId, oddId, { maxKeys: 3 }),
    sessionId: fc.oneof(edgeNumber, oddId),
    geo: fc.record({ location: fc.constantFrom("1,2", "91,0", "") }),
    ip: fc.constantFrom("[::1]", "127.0.0.1"),
    timezone: fc.constantFrom("Asia/Kolkata", "Wrong/Timezone", "GMT+0530"),
  },
  { requiredKeys: [] },
);

const shared = {
  messageId,
  userId: personId,
  anonymousId: personId,
  timestamp: time,
  originalTimestamp: time,
  sentAt: time,
  receivedAt: time,
  context,
};

function eventOf(
  type: string,
  more: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Record<string, unknown>> {
  const model: Record<string, fc.Arbitrary<unknown>> = {
    type: fc.constant(type),
    ...shared,
    ...more,
  };
  return fc.record(model, { requiredKeys: ["type", ...Object.keys(more)] });
}

const track = fc
  .tuple(
    eventOf("track", { event: fc.constantFrom(...EVENT_NAMES), properties }),
    // Times of every kind expire or clamp most events: often there is none.
    fc.boolean(),
  )
  .map(([event, timeless]) =>
    timeless ? { ...event, timestamp: undefined, originalTimestamp: undefined } : event,
  );

const other = fc.oneof(
  eventOf("page", { name: oddId, properties }),
  eventOf("Screen", { properties }),
  eventOf("identify", { traits: fc.dictionary(oddId, oddId, { maxKeys: 4 }) }),
  eventOf("alias", { previousId: personId }),
  eventOf("group", { groupId: oddId }),
  fc
    .constantFrom("record", "audiencelist", "merge", "constructor", "")
    .chain((type) => eventOf(type, {})),
);

/** One event as RudderStack's senders write it, sound in form, odd in what it holds. */
export const event: fc.Arbitrary<unknown> = fc
  .oneof({ weight: 6, arbitrary: track }, { weight: 4, arbitrary: other })
  .map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)));
