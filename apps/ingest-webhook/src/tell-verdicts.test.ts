import { topics, type VerdictsTold } from "@signalpath/contracts";
import { userKey } from "@signalpath/domain";
import { createCountingIds, createManualClock } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";
import { expect, it, onTestFinished, vi } from "vitest";

import { event, openIngest } from "./fixtures/open-ingest.ts";
import { createVerdictTeller, type JudgedItem } from "./tell-verdicts.ts";

/** A teller whose bus takes messages or not. */
function open(takes: () => boolean = () => true) {
  const told: VerdictsTold[] = [];
  const teller = createVerdictTeller({
    bus: {
      tell(_, payload) {
        if (takes()) told.push(topics.verdicts.schema.parse(payload));
        return takes();
      },
    },
    kit: { now: createManualClock().now, newId: createCountingIds() },
  });
  onTestFinished(() => teller.close());
  return { told, teller };
}

const many = (count: number, item: JudgedItem): JudgedItem[] =>
  Array.from({ length: count }, () => item);

it("counts everything and shows a bounded part, the rare verdicts apart", () => {
  const { told, teller } = open();
  teller.start();
  teller.judged(1, many(10_000, { verdict: "accepted" }));
  teller.judged(1, many(300, { verdict: "dead_lettered", code: "NO_IDENTITY" }));
  teller.judged(2, many(3, { verdict: "duplicate" }));
  teller.close();
  const [message] = told;
  expect(told).toHaveLength(1);
  expect(message?.projects.map(({ project_id, totals }) => [project_id, totals])).toEqual([
    [1, { accepted: 10_000, duplicate: 0, ignored: 0, expired: 0, dead_lettered: 300 }],
    [2, { accepted: 0, duplicate: 3, ignored: 0, expired: 0, dead_lettered: 0 }],
  ]);
  const shown = message?.projects[0]?.verdicts.map(({ verdict }) => verdict) ?? [];
  expect(shown.filter((verdict) => verdict === "accepted")).toHaveLength(50);
  expect(shown.filter((verdict) => verdict === "dead_lettered")).toHaveLength(20);
});

it("tells with the next message what the bus did not take", async () => {
  let isUp = false;
  const { told, teller } = open(() => isUp);
  teller.start();
  teller.judged(1, many(2, { verdict: "accepted" }));
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(told).toEqual([]);
  isUp = true;
  teller.judged(1, many(1, { verdict: "accepted" }));
  await vi.waitFor(() => expect(told).toHaveLength(1), 30_000);
  expect(told[0]).toMatchObject({ sequence: 1, projects: [{ totals: { accepted: 3 } }] });
});

it("says what a request came to, by hash and never by id", async () => {
  const ingest = await openIngest();
  await ingest.app.start();
  onTestFinished(() => ingest.app.close());
  const told: VerdictsTold[] = [];
  await ingest.bus.hear(topics.verdicts.name, ({ body }) => {
    expect(body).not.toContain("nora");
    told.push(topics.verdicts.schema.parse(JSON.parse(body)));
  });
  await ingest.send([event(), event({ type: "group" }), event({ messageId: "m-2", userId: "" })]);
  const shown = () => told.flatMap(({ projects }) => projects.flatMap(({ verdicts }) => verdicts));
  await vi.waitFor(() => expect(shown()).toHaveLength(3), 30_000);
  expect(shown()).toMatchObject([
    {
      verdict: "accepted",
      subject: "signals.tip.feedback",
      item_id: "tip-1",
      user: userKey(sha256, ingest.project.id, "user", "nora"),
      age_ms: 30_000,
    },
    { verdict: "ignored", code: "IGNORED_TYPE" },
    { verdict: "dead_lettered", code: "NO_IDENTITY" },
  ]);
});
