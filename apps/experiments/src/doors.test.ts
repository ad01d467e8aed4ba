import { SUBJECT_OF_KIND, subjects } from "@signalpath/contracts";
import type { SignalEvent } from "@signalpath/domain";
import { UnavailableError } from "@signalpath/ports";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { openWorld, type World } from "./test-world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const REQUEST = "0b8f7a52-6a5e-4c59-9d0a-2f5a1c8d7e11";

async function publish(event: Partial<SignalEvent> & { event_id: string }): Promise<void> {
  const at = new Date(world.now()).toISOString();
  const whole = {
    project_id: world.project.id,
    user_id: "u1",
    kind: "feedback" as const,
    occurred_at: at,
    received_at: at,
    ...event,
  };
  await world.bus.publish(SUBJECT_OF_KIND[whole.kind], whole);
}

/** Every message published so far is out of the consumers' way. */
const settled = () =>
  vi.waitFor(async () => {
    for (const [durable, filter] of [
      ["experiments-tips", "signals.tip.*"],
      ["experiments-exposed", subjects.experimentExposed.name],
    ] as const) {
      expect(await world.bus.lag(durable, filter)).toEqual({ pending: 0, ackPending: 0 });
    }
  });
const ingestion = (id: string) => world.ok("GET", `/experiments/${id}/ingestion`);

describe("the bus as a door", () => {
  it("an event that came by HTTP and by the bus counts once", async () => {
    const id = await world.experiment();
    await publish({ event_id: "v1", kind: "exposed", experiment_id: id, variation_index: 1 });
    await publish({ event_id: "click-1", reaction: "click", experiment_id: id, item_id: "t1" });
    await settled();
    const exposures = [{ user_id: "u1", variation_index: 1 }];
    await world.ok("POST", `/experiments/${id}/exposures`, { exposures });
    const conversions = [{ user_id: "u1", metric: "click", idempotency_key: "click-1" }];
    const answer = await world.ok("POST", `/experiments/${id}/conversions`, { conversions });
    expect(answer).toEqual({ received: 1, recorded: 0, deduplicated: 1 });
    await settled();
    expect(await ingestion(id)).toMatchObject({
      exposures_total: 1,
      flipped_total: 0,
      conversions_total: 1,
      without_key: 0,
    });
  });

  it("what HTTP wrote is told to the bus on every attempt and comes back as nothing new", async () => {
    const id = await world.experiment();
    const told: SignalEvent[] = [];
    await world.bus.hear("signals.>", ({ body }) => told.push(JSON.parse(body) as SignalEvent));
    const conversions = [
      { user_id: "u1", metric: "click" },
      { user_id: "u1", metric: "our own", idempotency_key: "k" },
    ];
    const headers = { "idempotency-key": "call-1" };
    const send = () =>
      world.ok("POST", `/experiments/${id}/conversions`, { conversions }, { headers });
    await send();
    await send();
    await settled();
    // The broker drops the second telling of one id; both were published.
    expect(told.map(({ kind, reaction }) => [kind, reaction])).toEqual([["feedback", "click"]]);
    const published = await world.kit.metrics.text();
    expect(published).toContain('experiment_signals_total{outcome="published"} 2');
    expect(await ingestion(id)).toMatchObject({ conversions_total: 2, without_key: 1 });
  });

  it("a bus that is away is 503; the retry publishes and counts nothing twice", async () => {
    await world.close();
    let isDown = true;
    world = await openWorld(({ bus }) => ({
      bus: {
        ...bus,
        publish: async (...given: Parameters<typeof bus.publish>) => {
          if (isDown) throw new UnavailableError("nats", "gone");
          return bus.publish(...given);
        },
      },
    }));
    const id = await world.experiment();
    const at = new Date(world.now()).toISOString();
    const body = { exposures: [{ user_id: "u1", variation_index: 0, occurred_at: at }] };
    const path = `/experiments/${id}/exposures`;
    expect((await world.request("POST", path, body)).status).toBe(503);
    isDown = false;
    expect(await world.ok("POST", path, body)).toMatchObject({ recorded: 0, deduplicated: 1 });
    await settled();
    expect(await ingestion(id)).toMatchObject({ exposures_total: 1 });
  });

  it("slot events of the bus are those of conversion_event", async () => {
    const slot_id = await world.slot();
    const list = { slot_id, request_id: REQUEST };
    await publish({ event_id: "s1", kind: "served", item_id: "t1", ...list });
    const capitals = { ...list, request_id: REQUEST.toUpperCase() };
    await publish({ event_id: "s2", kind: "served", item_id: "t2", ...capitals });
    await publish({ event_id: "c1", reaction: "click", item_id: "t1", ...list });
    await publish({ event_id: "l1", reaction: "like", item_id: "t1", ...list });
    await publish({ event_id: "p1", reaction: "purchase", slot_id: 999, item_id: "t1" });
    await settled();
    const event = {
      project: world.project.id,
      deployment_slot: slot_id,
      user_id: "u1",
      event_type: "impression",
      recommendation_request_id: REQUEST,
    };
    expect(await world.ok("POST", "/conversion_event/", event)).toMatchObject({ recorded: false });
    const listed = await world.ok<{ count: number }>("GET", "/conversion_event/");
    expect(listed.count).toBe(2);
    expect(await world.kit.metrics.text()).toContain(
      'experiment_events_left_total{reason="foreign_slot"} 1',
    );
  });

  it("a bad message goes to the dead letters, its neighbours pass", async () => {
    const id = await world.experiment();
    const letters: unknown[] = [];
    await world.bus.hear("deadletters.experiments", ({ body }) => letters.push(JSON.parse(body)));
    const { tipFeedback } = subjects;
    await world.bus.publish(tipFeedback, { project_id: 1, kind: "nothing" } as never);
    await publish({ event_id: "ok", reaction: "click", experiment_id: id, item_id: "t1" });
    await settled();
    await vi.waitFor(() => expect(letters).toHaveLength(1));
    expect(letters[0]).toMatchObject({ app: "experiments", code: "INVALID_EVENT", project_id: 1 });
    expect(await ingestion(id)).toMatchObject({ conversions_total: 1 });
  });
});
