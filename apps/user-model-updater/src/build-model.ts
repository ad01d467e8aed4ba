import { fold, type SignalEvent, type UserSignals } from "@signalpath/domain";
import { UnavailableError } from "@signalpath/ports";

import type { Context } from "./context.ts";

type Needs = Pick<Context, "content" | "feed" | "build">;

/**
 * The model of a set of events with the content of now.
 * `contentVersion` is read before the content: the content may be newer than it, never older.
 * @throws UnavailableError while content was never loaded.
 */
export async function buildModel(
  ctx: Needs,
  projectId: number,
  events: readonly SignalEvent[],
): Promise<{ model: UserSignals; contentVersion: number }> {
  await assertLoaded(ctx.feed);
  const contentVersion = ctx.feed.version(projectId);
  const itemIds = new Set<string>();
  for (const { item_id } of events) if (item_id !== undefined) itemIds.add(item_id);
  const told = toldTexts(events);
  const labels = told.length === 0 ? undefined : await ctx.content.tagKeys(projectId, told);
  // Content last: nothing may change between its vectors and the name of their space.
  const { items, space } = await placedItems(ctx, projectId, [...itemIds]);
  const byId = new Map(items.map((item) => [item.item_id, item]));
  const model = ctx.build(
    events,
    (itemId) => byId.get(itemId),
    (label) => labels?.get(label) ?? [],
    space,
  );
  return { model, contentVersion };
}

/** Items and the one space all their vectors are of. */
async function placedItems({ content, feed }: Needs, projectId: number, itemIds: string[]) {
  for (;;) {
    const space = feed.space(projectId);
    const items = itemIds.length === 0 ? [] : await content.get(projectId, itemIds);
    if (feed.space(projectId)?.id === space?.id) return { items, space };
  }
}

/** Without any content a model would say that nobody likes anything. */
async function assertLoaded(feed: Needs["feed"]): Promise<void> {
  try {
    await feed.check();
  } catch (cause) {
    throw new UnavailableError("catalogue", "content was not loaded yet", { cause });
  }
}

/** What the person said in traits and answers, folded: each may be the label of a tag. */
function toldTexts(events: readonly SignalEvent[]): string[] {
  const texts = new Set<string>();
  for (const { traits, answers } of events) {
    for (const values of [traits, answers]) {
      if (values === undefined) continue;
      for (const value of Object.values(values)) {
        for (const text of Array.isArray(value) ? (value as unknown[]) : [value]) {
          if (typeof text === "string") texts.add(fold(text));
        }
      }
    }
  }
  return [...texts];
}
