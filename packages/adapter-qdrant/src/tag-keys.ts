import { compareCodePoints } from "@signalpath/domain";

import { ask, type QdrantClient } from "./client.ts";
import { ofProject } from "./filter.ts";

const FIRST_HITS = 1_000;

/** Tag keys by folded label: the facet of `label_keys` over the items that carry a label. */
export async function findTagKeys(
  client: QdrantClient,
  collection: string,
  projectId: number,
  foldedLabels: readonly string[],
): Promise<Map<string, string[]>> {
  if (foldedLabels.length === 0) return new Map();
  const filter = ofProject(projectId, { key: "labels", match: { any: [...foldedLabels] } });
  for (let limit = FIRST_HITS; ; limit *= 4) {
    const facet = { key: "label_keys", filter, limit, exact: true };
    const { hits } = await ask(() => client.facet(collection, facet));
    // A full answer may be cut: ask for more.
    if (hits.length < limit) return sorted(foldedLabels, hits);
  }
}

function sorted(
  foldedLabels: readonly string[],
  hits: readonly { value: unknown }[],
): Map<string, string[]> {
  const byLabel = new Map<string, string[]>();
  for (const { value } of hits) {
    const [label = "", key = ""] = String(value).split("\n");
    const keys = byLabel.get(label);
    if (keys === undefined) byLabel.set(label, [key]);
    else keys.push(key);
  }
  const found = new Map<string, string[]>();
  for (const label of foldedLabels) {
    const keys = byLabel.get(label);
    if (keys !== undefined) found.set(label, keys.sort(compareCodePoints));
  }
  return found;
}
