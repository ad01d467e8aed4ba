import { between } from "./random.ts";

/** An event as a webhook sends it. */
export interface Body {
  messageId: string;
  [field: string]: unknown;
}

const REACTIONS = ["like", "done", "dismiss", "snooze", "bookmark", "dislike", "click"];
const END_REASONS = ["next", "link", "close", "abandon"];

/**
 * Made-up people who do something. Ids are `<tag>-...`, counted up, so that a run can be told from
 * all others; who does what is the seed's choice. Every second person has a device whose events
 * carry the device alone now and then, so that identities are linked under the faults too.
 */
export function createPeople(tag: string, count: number, items: number, random: () => number) {
  let sent = 0;
  const pick = (list: readonly string[]): string =>
    list[between(random, 0, list.length - 1)] as string;

  return function next(): Body {
    const person = between(random, 0, count - 1);
    const n = sent++;
    const at = new Date().toISOString();
    const hasDevice = person % 2 === 1;
    const isKnown = !hasDevice || random() < 0.7;
    const item = `m${between(random, 1, items)}`;
    const base = {
      messageId: `${tag}-${n}`,
      ...(isKnown ? { userId: `${tag}-user-${person}` } : {}),
      ...(hasDevice ? { anonymousId: `${tag}-device-${person}` } : {}),
      originalTimestamp: at,
      sentAt: at,
      timestamp: at,
    };
    const kind = random();
    if (kind < 0.05) return { ...base, type: "identify", traits: { level: between(random, 1, 9) } };
    if (kind < 0.55) {
      const properties = { item_id: item, reaction: pick(REACTIONS) };
      return { ...base, type: "track", event: "Tip Feedback", properties };
    }
    if (kind < 0.8) {
      const properties = { item_id: item, dwell_seconds: between(random, 1, 90) };
      const ended = { ...properties, end_reason: pick(END_REASONS) };
      return { ...base, type: "track", event: "CONTENT_VIEW_ENDED", properties: ended };
    }
    if (kind < 0.95) {
      return { ...base, type: "track", event: "Tip Served", properties: { item_id: item } };
    }
    return { ...base, type: "track", event: "Products Searched", properties: { query: item } };
  };
}
