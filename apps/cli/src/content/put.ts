import { MAX_REQUEST_BYTES, putContentResponse } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";

import { apiKeyHeader, createClient } from "../client.ts";
import type { Io } from "../io.ts";
import type { Settings } from "../settings.ts";

const MAX_ITEMS = 1_000;
/** Room for the array around the items, bytes. */
const MAX_BYTES = MAX_REQUEST_BYTES - 64 * 1024;

export interface ImportResult {
  upserted: number;
  unchanged: number;
  /** Catalogue version that holds them. */
  version: number;
}

/** Items in groups that fit one request each. */
export function* groups(items: Iterable<ContentItem>): Iterable<ContentItem[]> {
  let group: ContentItem[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (group.length > 0 && (group.length >= MAX_ITEMS || bytes + size > MAX_BYTES)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(item);
    bytes += size;
  }
  if (group.length > 0) yield group;
}

/** Writes items into the catalogue, group by group; an equal item is left alone. */
export async function putContent(
  io: Io,
  settings: Settings,
  items: Iterable<ContentItem>,
  giveUpMs: number,
  onProgress?: (done: number) => void,
): Promise<ImportResult> {
  const auth = apiKeyHeader(settings.key("api_key"));
  const client = createClient(io, { url: settings.url, auth, giveUpMs });
  const total: ImportResult = { upserted: 0, unchanged: 0, version: 0 };
  let done = 0;
  for (const group of groups(items)) {
    const answer = await client.call({
      method: "PUT",
      path: "/api/content",
      body: { items: group },
      response: putContentResponse,
    });
    total.upserted += answer.upserted;
    total.unchanged += answer.unchanged;
    total.version = answer.version;
    done += group.length;
    onProgress?.(done);
  }
  return total;
}
