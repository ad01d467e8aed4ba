import { createIdentity, type Identity } from "./identity.ts";
import { createImpressions, type Visibility } from "./impressions.ts";
import { createQueue } from "./queue.ts";
import { askForList } from "./recommend.ts";
import { createSender } from "./sender.ts";
import { memoryStorage, pageSurroundings, type Surroundings } from "./surroundings.ts";
import type {
  Consent,
  ItemRef,
  Reaction,
  Recommendation,
  RecommendOptions,
  SignalpathError,
  Stats,
  TrackedEvent,
  View,
} from "./types.ts";
import { createViews } from "./views.ts";

export interface SignalpathOptions {
  /** Where the APIs answer, `https://signals.example.com`; default: the page's own origin. */
  endpoint?: string;
  /** A publishable key: scopes `recommend` and `ingest`, nothing else. */
  key: string;
  /** Default `granted`; pass `denied` until the person has agreed. */
  consent?: Consent;
  /** Keeps clients of one origin apart, each with a visitor and queue of its own. */
  name?: string;
  /** When an item counts as seen; default half of it for one second. */
  seen?: Partial<Visibility>;
  /** Events of one request at most; default 50. */
  batchSize?: number;
  /** An event waits this long for company; default 1,000 ms. */
  flushAfterMs?: number;
  /** Events kept while the door is out of reach; default 500, the oldest goes first. */
  maxQueued?: number;
  /** Told about failed deliveries, which are tried again by themselves. */
  onError?: (error: SignalpathError) => void;
  /** The page; for tests. */
  surroundings?: Surroundings;
}

export interface Signalpath {
  /** A list for the current person. @throws SignalpathError */
  recommend(options?: RecommendOptions): Promise<Recommendation>;
  /** Reports an impression once the element is really seen. @returns ends the watch. */
  observe(element: Element, item: ItemRef): () => void;
  react(item: ItemRef, reaction: Reaction): void;
  /** @param rating 1 to 5. */
  rate(item: ItemRef, rating: number): void;
  /** The item is being read from now on. */
  view(item: ItemRef): View;
  search(query: string): void;
  /** Who the visitor is from now on; what they did before is theirs. */
  identify(userId: string, traits?: Record<string, unknown>): void;
  /** A person who signed out: a new visitor. */
  reset(): void;
  setConsent(consent: Consent): void;
  /** The ids events carry. */
  ids(): { anonymousId: string; userId: string | undefined };
  /** Sends what waits; resolves when it is stored, or has to wait for a retry. */
  flush(): Promise<void>;
  stats(): Stats;
  /** Ends timers and listeners; what waits stays for the next page. */
  close(): void;
}

const REQUESTS_REMEMBERED = 50;

/** The client of one page. */
export function createSignalpath(options: SignalpathOptions): Signalpath {
  const around = options.surroundings ?? pageSurroundings();
  const endpoint = (options.endpoint ?? location.origin).replace(/\/+$/, "");
  const { name = "signalpath" } = options;
  const storage = around.storage ?? memoryStorage();
  const identity = createIdentity(storage, () => around.newId(), {
    name,
    consent: options.consent ?? "granted",
  });
  const queue = createQueue(storage, around, { name, events: options.maxQueued ?? 500 });
  if (identity.consent() === "denied") queue.clear();
  const sender = createSender(queue, around, {
    url: `${endpoint}/api/ingest`,
    key: options.key,
    batchSize: options.batchSize ?? 50,
    flushAfterMs: options.flushAfterMs ?? 1_000,
    backoffMs: { first: 1_000, most: 300_000 },
    onError: options.onError ?? (() => {}),
  });
  const experiments = new Map<string, Pick<Recommendation, "experiments"> & { unit: string }>();

  function track(event: Partial<TrackedEvent> & Pick<TrackedEvent, "type">): void {
    if (identity.consent() === "denied") return;
    queue.add(complete(event, identity, around));
    sender.wake();
  }
  const trackItem = (event: string, item: ItemRef, more: object = {}, messageId?: string) =>
    track({
      type: "track",
      event,
      properties: { ...placeOf(item), ...more },
      ...(messageId === undefined ? {} : { messageId }),
    });

  /** Seeing the first item of a list is meeting the variation that ordered it. */
  function expose(requestId: string): void {
    const met = experiments.get(requestId);
    // A list that was made for who the visitor was before says nothing of who they are now.
    for (const assigned of met?.unit === identity.unit() ? met.experiments : []) {
      track({
        type: "track",
        event: "Experiment Viewed",
        properties: { ...assigned, request_id: requestId },
      });
    }
    experiments.delete(requestId);
  }

  const impressions = createImpressions(
    around,
    { share: 0.5, ms: 1_000, ...options.seen },
    (item) => {
      const { request_id, item_id } = item;
      if (request_id === undefined) return;
      expose(request_id);
      trackItem("Tip Served", item, {}, `served:${request_id}:${item_id}`);
    },
  );
  const views = createViews(around);
  // Registered behind the views' own: what they end on leaving goes with the same request.
  const offs = [
    around.on("away", () => sender.leave()),
    around.on("leave", () => sender.leave()),
    around.on("online", () => sender.online()),
  ];
  if (queue.size() > 0) sender.wake();

  return {
    async recommend(asked = {}) {
      const unit = identity.unit();
      const list = await askForList(around, { endpoint, key: options.key, unit }, asked);
      experiments.set(list.request_id, { unit, experiments: list.experiments });
      if (experiments.size > REQUESTS_REMEMBERED) {
        experiments.delete(experiments.keys().next().value as string);
      }
      return list;
    },
    observe: (element, item) => impressions.observe(element, item),
    react: (item, reaction) => trackItem("Tip Feedback", item, { reaction }),
    rate: (item, rating) => trackItem("Tip Rated", item, { rating }),
    view(item) {
      trackItem("Content View Started", item);
      return views.start((dwell_ms, end_reason) =>
        trackItem("Content View Ended", item, { dwell_ms, end_reason }),
      );
    },
    search: (query) => track({ type: "track", event: "Products Searched", properties: { query } }),
    identify(userId, traits) {
      identity.setUser(userId);
      track({ type: "identify", ...(traits === undefined ? {} : { traits }) });
    },
    reset() {
      identity.reset();
      experiments.clear();
    },
    setConsent(consent) {
      identity.setConsent(consent);
      if (consent === "denied") {
        queue.clear();
        experiments.clear();
      }
    },
    ids: () => ({ anonymousId: identity.anonymousId(), userId: identity.userId() }),
    flush: () => sender.flush(),
    stats: () => ({
      sent: sender.sent(),
      queued: queue.size(),
      dropped: queue.dropped(),
      refused: sender.refused(),
    }),
    close() {
      views.stop();
      impressions.stop();
      for (const off of offs) off();
      sender.stop();
    },
  };
}

function complete(
  event: Partial<TrackedEvent> & Pick<TrackedEvent, "type">,
  identity: Identity,
  around: Surroundings,
): TrackedEvent {
  const userId = identity.userId();
  return {
    messageId: around.newId(),
    anonymousId: identity.anonymousId(),
    ...(userId === undefined ? {} : { userId }),
    // With `sentAt` beside it the door reckons from its own clock: the browser's may be wrong.
    originalTimestamp: new Date(around.now()).toISOString(),
    ...event,
  };
}

function placeOf({ item_id, request_id, position, slot_id }: ItemRef): Record<string, unknown> {
  return { item_id, request_id, position, slot_id };
}
