import type { Surroundings } from "./surroundings.ts";
import type { EndReason, View } from "./types.ts";

export interface Views {
  /** @param ended is told once, with the milliseconds the page was visible meanwhile. */
  start(ended: (dwellMs: number, reason: EndReason) => void): View;
  stop(): void;
}

/** Times views by a clock that stands still while the page is hidden. */
export function createViews(around: Surroundings): Views {
  const open = new Set<View & { settle(): void }>();
  const settle = () => {
    for (const view of open) view.settle();
  };
  // Each leaves the set as it ends, which a set's own order takes well.
  const endAll = () => {
    for (const view of open) view.end("close");
  };
  const offs = [
    around.on("away", settle),
    around.on("back", settle),
    around.on("leave", () => {
      endAll();
    }),
  ];
  return {
    start(ended) {
      let dwellMs = 0;
      let since = around.isVisible() ? around.now() : undefined;
      const view = {
        settle() {
          if (since !== undefined) dwellMs += Math.max(0, around.now() - since);
          since = around.isVisible() ? around.now() : undefined;
        },
        end(reason: EndReason = "close") {
          if (!open.delete(view)) return;
          view.settle();
          ended(dwellMs, reason);
        },
      };
      open.add(view);
      return view;
    },
    stop() {
      for (const off of offs) off();
      endAll();
    },
  };
}
