import { contentItem } from "@signalpath/contracts";
import type { ContentItem } from "@signalpath/domain";

import { meetItem, showList, somethingElse } from "./behave.ts";
import { pick, seededRandom } from "./random.ts";
import { BusyError, type Sender } from "./sender.ts";
import { RETURNING_VISITORS, type Visitor } from "./visitors.ts";

/** Items a visitor is shown at a time. */
const LIST_LENGTH = 5;
/** Pause between two steps, milliseconds; a step is one item met, about three events. */
const STEP_MS = 1_000;
/** Share of steps that are something else than reading. */
const OTHER_SHARE = 0.06;
const LONGEST_PAUSE_MS = 30_000;

export interface SimulatorDeps {
  sender: Sender;
  /** Resolves early, without an error, when `signal` aborts. */
  sleep: (ms: number) => Promise<void>;
  signal: AbortSignal;
  seed?: number;
  visitors?: readonly Visitor[];
  /** Told of trouble; the simulator goes on. */
  onTrouble: (error: unknown) => void;
}

export interface Simulator {
  /** Runs until the signal aborts. Never rejects. */
  run(): Promise<void>;
  /** One step of one visitor. */
  step(): Promise<void>;
}

interface OpenList {
  /** Undefined when the visitor found the items alone. */
  requestId: string | undefined;
  items: ContentItem[];
}

/** Visitors who ask for lists, read, like and dismiss, at two to four events a second. */
export function createSimulator(deps: SimulatorDeps): Simulator {
  const random = seededRandom(deps.seed ?? 1);
  const visitors = deps.visitors ?? RETURNING_VISITORS;
  const lists = new Map<string, OpenList>();

  async function openList(visitor: Visitor): Promise<void> {
    const answer = await deps.sender.recommend(visitor, LIST_LENGTH);
    const items = answer.items.flatMap((item) => {
      const parsed = contentItem.safeParse(item.content);
      return parsed.success ? [parsed.data] : [];
    });
    if (items.length === 0) return browse(visitor);
    const ids = items.map((item) => item.item_id);
    await deps.sender.send(visitor, showList(ids, answer.request_id));
    lists.set(visitor.userId, { requestId: answer.request_id, items });
  }

  /** Who has seen everything comes back to something known: the demo goes on for days. */
  async function browse(visitor: Visitor): Promise<void> {
    const all = await deps.sender.browse();
    const items = Array.from({ length: LIST_LENGTH }, () => pick(random, all));
    const found = items.filter((item) => item !== undefined);
    lists.set(visitor.userId, { requestId: undefined, items: found });
  }

  async function step(): Promise<void> {
    const visitor = pick(random, visitors);
    if (visitor === undefined) return;
    if (random() < OTHER_SHARE) {
      await deps.sender.send(visitor, [somethingElse(visitor, random)]);
      return;
    }
    const list = lists.get(visitor.userId);
    const item = list?.items.shift();
    if (list === undefined || item === undefined) return openList(visitor);
    await deps.sender.send(visitor, meetItem(visitor, item, random, list.requestId));
  }

  return {
    step,
    async run() {
      let failures = 0;
      while (!deps.signal.aborted) {
        let pause = STEP_MS * (0.6 + 0.8 * random());
        try {
          await step();
          failures = 0;
        } catch (error) {
          if (deps.signal.aborted) return;
          failures++;
          deps.onTrouble(error);
          const asked = error instanceof BusyError ? error.retryAfterMs : 0;
          pause = Math.min(LONGEST_PAUSE_MS, Math.max(asked, STEP_MS * 2 ** failures));
        }
        await deps.sleep(pause);
      }
    },
  };
}
