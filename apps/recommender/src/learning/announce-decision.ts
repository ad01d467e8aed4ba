import { subjects } from "@signalpath/contracts";
import type { ListDecision } from "@signalpath/domain";
import type { Bus } from "@signalpath/ports";
import { createTracing, publishTraced, type HeaderValues, type Kit } from "@signalpath/service-kit";

/** Decisions that may wait for the bus at one time; more are dropped and counted. */
const MAX_PENDING = 1_000;
/** Scorer values are remembered to this precision. */
const DIGITS = 1e4;

/** Tells of one list of a learner. Never waits, never throws: a list is answered without it too. */
export type AnnounceDecision = (
  asked: {
    projectId: number;
    userId: string;
    requestId: string;
    traceHeaders: HeaderValues | undefined;
  },
  mode: "bandit" | "ltr",
  decision: ListDecision,
) => void;

/** Publishes `recommendations.made`. Without it a list is not learned from, and nothing else. */
export function createAnnounceDecision(bus: Pick<Bus, "publish">, kit: Kit): AnnounceDecision {
  const { now, logger } = kit;
  const tracing = kit.tracing ?? createTracing();
  const outcomes = kit.metrics.counter(
    "recommendations_made_total",
    "Lists of learners, by whether they were told for learning",
    ["mode", "outcome"],
  );
  let pending = 0;
  return (asked, mode, decision) => {
    if (decision.items.length === 0) return;
    if (pending >= MAX_PENDING) return outcomes.inc({ mode, outcome: "dropped" });
    pending++;
    const { projectId: project_id, userId: user_id, requestId: request_id } = asked;
    const made_at = new Date(now()).toISOString();
    const ids = { project_id, user_id, request_id };
    const options = { id: `made:${request_id}`, traceHeaders: asked.traceHeaders ?? {} };
    publishTraced(
      bus,
      tracing,
      subjects.recommendationMade,
      { ...ids, made_at, mode, ...rounded(decision) },
      options,
    )
      .then(() => outcomes.inc({ mode, outcome: "published" }))
      .catch((error: unknown) => {
        outcomes.inc({ mode, outcome: "failed" });
        logger.debug({ err: error, request_id }, "a list is not told for learning");
      })
      .finally(() => {
        pending--;
      });
  };
}

/** The same with fewer digits: half of the bytes. Propensities stay exact. */
function rounded({ items, slots }: ListDecision) {
  const short = (value: number): number => Math.round(value * DIGITS) / DIGITS;
  const shortened = <T extends ListDecision["items"][number]>(item: T) => ({
    ...item,
    static_score: short(item.static_score),
    values: item.values.map(short),
  });
  return {
    items: items.map(shortened),
    slots: slots.map(({ actions, ...slot }) => ({ ...slot, actions: actions.map(shortened) })),
  };
}
