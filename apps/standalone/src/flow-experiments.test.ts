import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it, onTestFinished, vi } from "vitest";

import { openFlow, type Flow } from "./test-flow.ts";

async function open(kind: "memory" | "pglite"): Promise<Flow> {
  if (kind === "memory") {
    const flow = await openFlow();
    onTestFinished(() => flow.close());
    return flow;
  }
  const dir = await mkdtemp(join(tmpdir(), "signalpath-experiments-"));
  const flow = await openFlow({ settings: { SIGNALPATH_DATA_DIR: dir } });
  onTestFinished(async () => {
    await flow.close();
    await rm(dir, { recursive: true });
  });
  return flow;
}

it.each(["memory", "pglite"] as const)(
  "an experiment through every door: webhook, HTTP, results, erasure [%s]",
  async (kind) => {
    const flow = await open(kind);
    const at = (n: number) => new Date(Date.now() - 60_000 + n).toISOString();
    const { id } = await flow.json("POST", "/api/v1/experiments", {
      name: "order of tips",
      status: "running",
      variations: [
        { index: 0, name: "control", weight: 0.5 },
        { index: 1, name: "new", weight: 0.5 },
      ],
      metrics: [{ name: "click" }],
    });
    const path = `/api/v1/experiments/${String(id)}`;
    const track = (messageId: string, event: string, properties: object, n: number) => ({
      type: "track",
      event,
      messageId,
      userId: "ann",
      timestamp: at(n),
      properties: { experiment_id: id, variation_index: 1, ...properties },
    });
    const viewed = track("m1", "Experiment Viewed", {}, 1);
    const clicked = track("m2", "Product Clicked", { product_id: "t1" }, 2);
    await flow.call("POST", "/api/ingest", [viewed, viewed, clicked]);
    // The same click by HTTP: its key is the message's id.
    const conversions = [
      { user_id: "ann", metric: "click", idempotency_key: "m2", occurred_at: at(2) },
    ];
    const exposures = [
      { user_id: "ann", variation_index: 1, occurred_at: at(1) },
      { user_id: "bob", variation_index: 0, occurred_at: at(5) },
    ];
    expect(await flow.json("POST", `${path}/exposures`, { exposures })).toMatchObject({
      received: 2,
    });
    expect(await flow.json("POST", `${path}/conversions`, { conversions })).toMatchObject({
      received: 1,
    });
    const counted = {
      exposures_total: 2,
      flipped_total: 0,
      conversions_total: 1,
      without_key: 0,
      conversion_counts: [{ metric: "click", count: 1, value_sum: 1 }],
    };
    const drained = () =>
      vi.waitFor(async () => {
        for (const [durable, filter] of [
          ["experiments-tips", "signals.tip.*"],
          ["experiments-exposed", "signals.experiment.exposed"],
        ] as const) {
          const lag = await flow.backends.bus.lag(durable, filter);
          expect(lag).toEqual({ pending: 0, ackPending: 0 });
        }
      }, 10_000);
    await drained();
    expect(await flow.json("GET", `${path}/ingestion`)).toMatchObject(counted);
    const { metrics } = (await flow.json("GET", `${path}/results`)) as {
      metrics: { arms: unknown[] }[];
    };
    expect(metrics[0]?.arms).toMatchObject([
      { index: 0, n: 1, sum: 0 },
      { index: 1, n: 1, sum: 1 },
    ]);
    const receipt = await flow.json("DELETE", "/api/users/ann");
    expect(receipt["removed"]).toMatchObject({ experiments: 2 });
    expect(await flow.json("POST", `${path}/exposures`, { exposures })).toMatchObject({
      recorded: 0,
      deduplicated: 1,
      erased: 1,
    });
    await flow.call("POST", "/api/ingest", [viewed, clicked]);
    await drained();
    expect(await flow.json("GET", `${path}/ingestion`)).toMatchObject({
      exposures_total: 1,
      conversions_total: 0,
    });
  },
);
