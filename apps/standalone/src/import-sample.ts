import { sampleCatalogue } from "@signalpath/backends";
import { RefusedError, type Catalogue } from "@signalpath/ports";

import { readIfThere, writePrivate } from "./data-dir.ts";

export type SampleImport =
  | { status: "imported"; items: number }
  | { status: "kept" }
  /** The project's own catalogue does not go with it (vectors of another length). */
  | { status: "refused"; reason: string };

/**
 * Imports the sample catalogue the first time. What is in the catalogue already stays as it is;
 * what was edited or removed later is never brought back.
 */
export async function importSample(
  catalogue: Pick<Catalogue, "get" | "put">,
  projectId: number,
  markerPath: string,
  nowMs: number,
): Promise<SampleImport> {
  if ((await readIfThere(markerPath)) !== undefined) return { status: "kept" };
  const items = sampleCatalogue(nowMs);
  const ids = items.map((item) => item.item_id);
  const present = new Set((await catalogue.get(projectId, ids)).map((item) => item.item_id));
  const missing = items.filter((item) => !present.has(item.item_id));
  try {
    await catalogue.put(projectId, missing);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { status: "refused", reason: error.message };
  }
  const marker = { imported_at: new Date(nowMs).toISOString(), items: missing.length };
  await writePrivate(markerPath, `${JSON.stringify(marker)}\n`);
  return { status: "imported", items: missing.length };
}
