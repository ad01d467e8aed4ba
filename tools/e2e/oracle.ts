import { createHash } from "node:crypto";

import {
  buildUserSignals,
  compileShippedEventMap,
  joinEvents,
  normaliseRudderStack,
  type ContentItem,
  type SignalEvent,
  type UserSignals,
} from "@signalpath/domain";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("base64url");

/**
 * What the whole system must believe after these bodies, from the pure core alone: no bus, no
 * store, one ordered pass. Persons are told apart by `userId`; there are no links in these bodies.
 */
export function expectedModels(
  bodies: readonly unknown[],
  items: readonly ContentItem[],
): Map<string, UserSignals> {
  const content = new Map(items.map((item) => [item.item_id, item]));
  const eventMap = compileShippedEventMap();
  const people = new Map<string, SignalEvent[]>();
  for (const body of bodies) {
    const normal = normaliseRudderStack(body, {
      projectId: 1,
      receivedAtMs: Date.now(),
      eventMap,
      sha256,
      isBotUserAgent: () => false,
    });
    if (normal.verdict !== "events") throw new Error(`not an event: ${JSON.stringify(normal)}`);
    for (const event of normal.events) {
      const own = people.get(event.user_id ?? "");
      if (own === undefined) people.set(event.user_id ?? "", [event]);
      else own.push(event);
    }
  }
  return new Map(
    [...people].map(([user, events]) => [
      user,
      buildUserSignals(joinEvents([], events), (id) => content.get(id)),
    ]),
  );
}

/** The part of a model that `GET /api/usermodel` shows. */
export function shownPart(model: object): Record<string, unknown> {
  const shown = [
    "as_of",
    "n_events",
    "positives",
    "negatives",
    "recent",
    "tag_affinity",
    "tag_aversion",
    "interests",
    "behavior",
    "hours",
    "demographics",
  ];
  const all = model as Record<string, unknown>;
  return Object.fromEntries(shown.map((name) => [name, all[name]]));
}
