import type { Surroundings } from "./surroundings.ts";
import type { ItemRef } from "./types.ts";

export interface Visibility {
  /** Share of the element, or of the window it fills, that must be seen; 0 to 1. */
  share: number;
  /** For so long without a break, milliseconds. */
  ms: number;
}

export interface Impressions {
  /** @returns ends the watch. */
  observe(element: Element, item: ItemRef): () => void;
  stop(): void;
}

const STEPS = 20;
const REMEMBERED = 5_000;
/** With more elements watched, those that left the page unseen are let go. */
const MANY = 500;

interface Watched {
  item: ItemRef;
  isSeen: boolean;
  cancel: (() => void) | undefined;
}

/**
 * Tells which items were really seen: enough of the element inside the window of a visible page, for
 * long enough, once for each item and request.
 */
export function createImpressions(
  around: Surroundings,
  rule: Visibility,
  seen: (item: ItemRef) => void,
): Impressions {
  const watched = new Map<Element, Watched>();
  const told = new Set<string>();
  const Observer = around.IntersectionObserver;
  const observer =
    Observer === undefined
      ? undefined
      : new Observer(update, {
          threshold: Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS),
        });

  function update(entries: readonly IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const about = watched.get(entry.target);
      if (about === undefined) continue;
      // An element taller than the window never shows half of itself; it may fill half the window.
      const filled = entry.intersectionRect.height / Math.max(1, around.viewportHeight());
      about.isSeen =
        entry.isIntersecting && Math.max(entry.intersectionRatio, filled) >= rule.share;
      judge(entry.target, about);
    }
  }

  function judge(element: Element, about: Watched): void {
    if (!about.isSeen || !around.isVisible()) {
      about.cancel?.();
      about.cancel = undefined;
      return;
    }
    about.cancel ??= around.after(rule.ms, () => {
      forget(element);
      const key = JSON.stringify([about.item.request_id, about.item.item_id]);
      if (told.has(key)) return;
      if (told.size >= REMEMBERED) told.delete(told.values().next().value as string);
      told.add(key);
      seen(about.item);
    });
  }

  function forget(element: Element): void {
    watched.get(element)?.cancel?.();
    watched.delete(element);
    observer?.unobserve(element);
  }

  const judgeAll = () => {
    for (const [element, about] of watched) judge(element, about);
  };
  const offs = [around.on("away", judgeAll), around.on("back", judgeAll)];

  return {
    observe(element, item) {
      forget(element);
      if (watched.size >= MANY) {
        for (const one of watched.keys()) if (!one.isConnected) forget(one);
      }
      const about: Watched = { item, isSeen: false, cancel: undefined };
      watched.set(element, about);
      observer?.observe(element);
      return () => {
        if (watched.get(element) === about) forget(element);
      };
    },
    stop() {
      for (const off of offs) off();
      for (const element of watched.keys()) forget(element);
      observer?.disconnect();
    },
  };
}
