import { memoryStorage, type KeyValues, type Surroundings } from "./surroundings.ts";

interface Timer {
  at: number;
  task: () => void;
}
export interface SentRequest {
  url: string;
  headers: Record<string, string>;
  keepalive: boolean;
  batch: { messageId: string; event?: string; properties?: Record<string, unknown> }[];
}

/** A page whose clock, window and network are the test's. */
export interface TestPage {
  surroundings: Surroundings;
  storage: KeyValues;
  requests: SentRequest[];
  /** What the network does with the next requests; the last one stays. */
  answers: (() => Response | Promise<Response>)[];
  /** Moves the clock; due timers run in their order. */
  pass(ms: number): Promise<void>;
  fire(event: "away" | "leave" | "back" | "online"): void;
  /** Tells the page's observer how much of an element is inside the window. */
  show(element: Element, share: number, height?: number): void;
}

export const stored = () => Response.json({ received: 1 });
export const failed = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ code: "SOME_CODE", detail: "why" }, { status, headers });

export function createTestPage(storage: KeyValues = memoryStorage(), ids = "id"): TestPage {
  let now = 1_750_000_000_000;
  let made = 0;
  let isVisible = true;
  const timers = new Set<Timer>();
  const listeners = new Map<string, Set<() => void>>();
  let observed: ((entries: IntersectionObserverEntry[]) => void) | undefined;
  const requests: SentRequest[] = [];
  const answers: TestPage["answers"] = [stored];

  const page: TestPage = {
    storage,
    requests,
    answers,
    surroundings: {
      async fetch(input, init) {
        const body = typeof init?.body === "string" ? init.body : "{}";
        const url = typeof input === "string" ? input : "";
        const { batch = [] } = JSON.parse(body) as Partial<SentRequest>;
        const headers = init?.headers as Record<string, string>;
        requests.push({ url, headers, keepalive: init?.keepalive === true, batch });
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        return (answer ?? stored)();
      },
      now: () => now,
      random: () => 1,
      newId: () => `${ids}-${made++}`,
      after(ms, task) {
        const timer = { at: now + ms, task };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
      storage,
      isVisible: () => isVisible,
      on(event, task) {
        const tasks = listeners.get(event) ?? new Set();
        listeners.set(event, tasks.add(task));
        return () => void tasks.delete(task);
      },
      IntersectionObserver: class {
        constructor(update: (entries: IntersectionObserverEntry[]) => void) {
          observed = update;
        }
        observe() {}
        unobserve() {}
        disconnect() {}
      } as unknown as typeof IntersectionObserver,
      viewportHeight: () => 800,
    },
    async pass(ms) {
      const until = now + ms;
      for (;;) {
        await settled();
        const due = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due);
        now = Math.max(now, due.at);
        due.task();
      }
      now = until;
    },
    fire(event) {
      if (event === "away") isVisible = false;
      if (event === "back") isVisible = true;
      for (const task of listeners.get(event) ?? []) task();
    },
    show(target, share, height = 100) {
      const intersectionRect = { height: height * share };
      observed?.([
        { target, isIntersecting: share > 0, intersectionRatio: share, intersectionRect },
      ] as unknown as IntersectionObserverEntry[]);
    },
  };
  return page;
}

/** What was resolved already has run; no clock is asked. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
