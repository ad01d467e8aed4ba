import {
  createNeighbourAccumulator,
  shapesModel,
  type SignalEvent,
  type UserKey,
} from "@signalpath/domain";
import type { ArchiveReader, NeighbourRow } from "@signalpath/ports";

import { likeWeight } from "./like-weight.ts";

const PAGE = 2_000;
/** Longest stretch without letting anybody else run, milliseconds. */
const SLICE_MS = 8;

interface Opinion {
  weight: number;
  at: string;
}
/** Newest opinion by item. */
type Opinions = Map<string, Opinion>;

/**
 * Item-to-item neighbours of every project, from all opinions in the archive, which is read page
 * by page. The newest opinion of a person on an item counts.
 */
export async function countNeighbours(
  reader: Pick<ArchiveReader, "log">,
): Promise<Map<number, NeighbourRow[]>> {
  const pause = createPauses();
  const projects = new Map<number, Map<UserKey, Opinions>>();
  let after = 0;
  for (;;) {
    const rows = await reader.log({ after, limit: PAGE });
    for (const { sequence, event, owner } of rows) {
      after = sequence;
      addOpinion(projects, event, owner);
      await pause();
    }
    if (rows.length < PAGE) break;
  }
  const tables = new Map<number, NeighbourRow[]>();
  for (const [projectId, people] of projects) {
    const accumulator = createNeighbourAccumulator();
    for (const opinions of people.values()) {
      accumulator.add(likesOf(opinions));
      await pause();
    }
    const table: NeighbourRow[] = [];
    for (const row of accumulator.lists()) {
      table.push(row);
      await pause();
    }
    tables.set(projectId, table);
  }
  return tables;
}

function addOpinion(
  projects: Map<number, Map<UserKey, Opinions>>,
  event: SignalEvent,
  owner: UserKey,
): void {
  if (event.item_id === undefined || !shapesModel(event)) return;
  const weight = likeWeight(event);
  if (weight === undefined) return;
  let people = projects.get(event.project_id);
  if (people === undefined) projects.set(event.project_id, (people = new Map()));
  let opinions = people.get(owner);
  if (opinions === undefined) people.set(owner, (opinions = new Map()));
  const known = opinions.get(event.item_id);
  if (known === undefined || isNewer(event.occurred_at, weight, known)) {
    opinions.set(event.item_id, { weight, at: event.occurred_at });
  }
}

/** At one moment the stronger opinion counts, so that the order of arrival does not. */
function isNewer(at: string, weight: number, known: Opinion): boolean {
  return at > known.at || (at === known.at && weight > known.weight);
}

function likesOf(opinions: Opinions): { item_id: string; weight: number }[] {
  return [...opinions]
    .filter(([, { weight }]) => weight > 0)
    .sort(([a, x], [b, y]) => (x.at === y.at ? (a < b ? -1 : 1) : x.at < y.at ? 1 : -1))
    .map(([item_id, { weight }]) => ({ item_id, weight }));
}

/** Lets the event loop run whenever a slice of time is used up. */
function createPauses(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        since = performance.now();
        resolve();
      }),
    );
  };
}
