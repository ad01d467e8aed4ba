import { topics, type Verdict, type VerdictCounts, type VerdictFact } from "@signalpath/contracts";
import { userKey, type SignalEvent } from "@signalpath/domain";
import type { Bus } from "@signalpath/ports";
import { sha256, type Kit } from "@signalpath/service-kit";

/** Verdicts leave together, this often, milliseconds. */
const FLUSH_MS = 100;
/** Items told of one project in one message, accepted or duplicate ones; the rest is only counted. */
const SAMPLE = 50;
/** And of every other verdict: rare, and what somebody looks for. */
const SAMPLE_OF_OTHERS = 20;
/** Items told in one message, of all projects. */
const SAMPLE_OF_ALL = 200;
/** Projects in one message: more, and it leaves at once. */
const MAX_PROJECTS = 1_000;

/** One judged item; the event is what it was read as, where it could be read. */
export interface JudgedItem {
  verdict: Verdict;
  code?: string | undefined;
  subject?: string | undefined;
  event?: SignalEvent | undefined;
}

/** Tells whoever listens what was decided. It never fails a request and never makes one wait. */
export interface VerdictTeller {
  judged(projectId: number, items: readonly JudgedItem[]): void;
  start(): void;
  close(): void;
}

interface Told {
  totals: VerdictCounts;
  verdicts: VerdictFact[];
  others: number;
}

const NONE: VerdictCounts = { accepted: 0, duplicate: 0, ignored: 0, expired: 0, dead_lettered: 0 };

/**
 * Counts are exact; of the items each message carries the first of its tenth of a second, so that
 * what an item costs here has an end. What the bus did not take is told with the next message.
 */
export function createVerdictTeller(deps: {
  bus: Pick<Bus, "tell">;
  kit: Pick<Kit, "now" | "newId">;
}): VerdictTeller {
  const { bus, kit } = deps;
  let projects = new Map<number, Told>();
  let sampled = 0;
  let sequence = 0;
  let instance: string | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  function flush(): void {
    if (projects.size === 0 || instance === undefined) return;
    const rows = [...projects].map(([project_id, { totals, verdicts }]) => {
      return { project_id, totals, verdicts };
    });
    const taken = bus.tell(topics.verdicts, { instance, sequence: sequence + 1, projects: rows });
    if (!taken) return;
    sequence++;
    projects = new Map();
    sampled = 0;
  }

  function toldOf(projectId: number): Told {
    const found = projects.get(projectId);
    if (found !== undefined) return found;
    if (projects.size >= MAX_PROJECTS) flush();
    const made = { totals: { ...NONE }, verdicts: [], others: 0 };
    // Nobody took what is there: new projects are not told of rather than kept without end.
    if (projects.size < MAX_PROJECTS) projects.set(projectId, made);
    return made;
  }

  function hasRoom(told: Told, verdict: Verdict): boolean {
    if (sampled >= SAMPLE_OF_ALL) return false;
    if (verdict === "accepted" || verdict === "duplicate") {
      return told.verdicts.length - told.others < SAMPLE;
    }
    return told.others < SAMPLE_OF_OTHERS;
  }

  return {
    judged(projectId, items) {
      if (items.length === 0) return;
      const told = toldOf(projectId);
      const at = kit.now();
      for (const item of items) {
        told.totals[item.verdict]++;
        if (!hasRoom(told, item.verdict)) continue;
        sampled++;
        if (item.verdict !== "accepted" && item.verdict !== "duplicate") told.others++;
        told.verdicts.push(factOf(projectId, item, at));
      }
    },
    start() {
      instance = kit.newId();
      timer = setInterval(flush, FLUSH_MS);
      timer.unref();
    },
    close() {
      clearInterval(timer);
      flush();
    },
  };
}

function factOf(projectId: number, item: JudgedItem, nowMs: number): VerdictFact {
  const { verdict, code, subject, event } = item;
  const user = event === undefined ? undefined : hashOf(projectId, event);
  return {
    verdict,
    ...(code === undefined ? {} : { code }),
    ...(subject === undefined ? {} : { subject }),
    ...(user === undefined ? {} : { user }),
    ...(event?.item_id === undefined ? {} : { item_id: event.item_id }),
    ...(event?.is_bot === true ? { is_bot: true as const } : {}),
    received_at: event?.received_at ?? new Date(nowMs).toISOString(),
    ...(event === undefined
      ? {}
      : { age_ms: Math.max(0, Date.parse(event.received_at) - Date.parse(event.occurred_at)) }),
  };
}

function hashOf(
  projectId: number,
  { user_id, anonymous_id }: Pick<SignalEvent, "user_id" | "anonymous_id">,
): string | undefined {
  if (user_id !== undefined) return userKey(sha256, projectId, "user", user_id);
  if (anonymous_id === undefined) return undefined;
  return userKey(sha256, projectId, "anonymous", anonymous_id);
}
