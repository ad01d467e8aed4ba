import type { ContentItem } from "@signalpath/domain";
import { type TestFunction, test } from "vitest";

import type { ContentStore, ScoredItem } from "./port.ts";

export type MakeContentStore = () => Promise<ContentStore>;
/** Name of a test -> why the keeper cannot pass it. */
export type SkippedContentTests = Readonly<Record<string, string>>;

/** `2026-06-12T12:00:00Z`: the moment the suite searches at. */
export const CONTENT_NOW_MS = Date.UTC(2026, 5, 12, 12);

/** An item with a title and no tags, unless told otherwise. */
export function contentItem(itemId: string, parts: Partial<ContentItem> = {}): ContentItem {
  return { item_id: itemId, title: `Title of ${itemId}`, tags: [], ...parts };
}

/** `hoursAgo` before the suite's moment; negative = after it. */
export function isoBefore(hoursAgo: number): string {
  return new Date(CONTENT_NOW_MS - hoursAgo * 3_600_000).toISOString();
}

export function idsOf(found: readonly ScoredItem[]): string[] {
  return found.map(({ item }) => item.item_id);
}

/** A test of the suite, skipped by name with its reason. */
export function promise(skip: SkippedContentTests, name: string, run: TestFunction): void {
  const reason = skip[name];
  test.skipIf(reason !== undefined)(reason === undefined ? name : `${name} (${reason})`, run);
}
