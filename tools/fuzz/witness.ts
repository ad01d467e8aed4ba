import { SUBJECT_OF_KIND } from "@signalpath/contracts";
import { userKey, type ContentItem, type SignalEvent } from "@signalpath/domain";
import type {
  Archive,
  Bus,
  Catalogue,
  ContentStore,
  DeadLetters,
  EventBuffer,
  UserModelStore,
} from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";

/** A person no generated request names. */
const WITNESS = "wItness-7f3c9a";
const WITNESS_ITEMS: readonly ContentItem[] = [1, 2, 3].map((n) => ({
  item_id: `wItness-item-${n}`,
  title: `Witness ${n}`,
  tags: [{ facet: "wItness", label: `wItness ${n}` }],
  word_count: 200,
}));
/** What the fuzzed project starts with, for requests that name real items. */
const SEED_ITEMS: readonly ContentItem[] = Array.from({ length: 12 }, (_, n) => ({
  item_id: `i${n}`,
  title: `Item ${n}`,
  text: `All about ${n}`,
  tags: [{ facet: "theme", label: `label ${n % 4}` }],
  word_count: 200,
  ...(n % 3 === 0 ? { lat: 50 + n / 10, lon: 9 } : {}),
}));

export interface WitnessedPorts {
  archive: Pick<Archive, "eventsOf">;
  buffer: Pick<EventBuffer, "read">;
  models: Pick<UserModelStore, "get">;
  catalogue: Pick<Catalogue, "put" | "changes">;
  deadLetters: Pick<DeadLetters, "list">;
  content: Pick<ContentStore, "list">;
  bus: Pick<Bus, "publish">;
}

interface ProjectIds {
  /** The one that requests are sent to. */
  fuzzed: number;
  /** Somebody else's. */
  other: number;
}

/** Catalogues of both projects. */
export async function putItems(
  ports: WitnessedPorts,
  { fuzzed, other }: ProjectIds,
): Promise<void> {
  await ports.catalogue.put(fuzzed, [...WITNESS_ITEMS, ...SEED_ITEMS]);
  await ports.catalogue.put(other, WITNESS_ITEMS);
}

/** The witness likes something, in both projects. */
export async function publishWitness(
  ports: WitnessedPorts,
  projects: ProjectIds,
  nowMs: number,
): Promise<void> {
  for (const project_id of [projects.fuzzed, projects.other]) {
    for (const [index, { item_id }] of WITNESS_ITEMS.entries()) {
      const at = new Date(nowMs - 60_000 + index).toISOString();
      const event: SignalEvent = {
        event_id: `wItness-${index}`,
        project_id,
        user_id: WITNESS,
        kind: "feedback",
        item_id,
        reaction: "like",
        occurred_at: at,
        received_at: at,
      };
      await ports.bus.publish(SUBJECT_OF_KIND.feedback, event);
    }
  }
}

/** Everything that no request of the fuzzed project may change: its witness, all of the other. */
export async function snapshotOf(
  ports: WitnessedPorts,
  { fuzzed, other }: ProjectIds,
): Promise<string> {
  const person = async (projectId: number): Promise<unknown[]> => {
    const key = userKey(sha256, projectId, "user", WITNESS);
    return [
      await ports.buffer.read(key),
      await ports.models.get(key),
      await ports.archive.eventsOf(projectId, key, { limit: 100 }),
    ];
  };
  return JSON.stringify([
    await person(fuzzed),
    await person(other),
    await ports.catalogue.changes(other, { after: 0, limit: 1_000 }),
    await ports.deadLetters.list(other, { limit: 500 }),
    await ports.content.list(other, { limit: 100 }),
  ]);
}
