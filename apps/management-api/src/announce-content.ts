import { subjects } from "@signalpath/contracts";
import type { HeaderValues } from "@signalpath/service-kit";

import type { Announce } from "./announce.ts";

/** Ids in one message, bytes of JSON: far below what the bus refuses. */
const MAX_IDS_BYTES = 200_000;

export interface ContentChange {
  projectId: number;
  version: number;
  upserted: readonly string[];
  removed: readonly string[];
  /** Trace headers of the request that made it. */
  traceHeaders?: HeaderValues | undefined;
}

/** Tells a catalogue change in as many messages as its ids need; false when one was not taken. */
export async function announceContent(announce: Announce, change: ContentChange): Promise<boolean> {
  const { projectId, version } = change;
  const parts = chunks([
    ...change.upserted.map((id) => ({ id, kind: "upserted" as const })),
    ...change.removed.map((id) => ({ id, kind: "removed" as const })),
  ]);
  let told = true;
  for (const [place, part] of parts.entries()) {
    const ids = (kind: "upserted" | "removed") =>
      part.filter((entry) => entry.kind === kind).map((entry) => entry.id);
    const message = {
      project_id: projectId,
      version,
      upserted: ids("upserted"),
      removed: ids("removed"),
    };
    const id = `content:${projectId}:${version}:${place}`;
    const options = { id, traceHeaders: change.traceHeaders ?? {} };
    told = (await announce(subjects.contentChanged, message, options)) && told;
  }
  return told;
}

function chunks<T extends { id: string }>(entries: readonly T[]): T[][] {
  const parts: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry.id)) + 1;
    if (bytes + size > MAX_IDS_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(entry);
    bytes += size;
  }
  return parts;
}
