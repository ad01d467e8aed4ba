import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { event, openIngest } from "./fixtures/open-ingest.ts";
import { runRouter, type Job } from "./fixtures/router.ts";
import type { Fate } from "./fixtures/scripted-bus.ts";

const RUDDER = { "user-agent": "RudderLabs" };

function jobs(people: number, each: number): Job[] {
  return Array.from({ length: people * each }, (_, n) => {
    const userId = `person-${n % people}`;
    const messageId = `m-${n}`;
    return { key: userId, body: JSON.stringify(event({ messageId, userId })) };
  });
}
const idOf = (body: string): string => (JSON.parse(body) as { messageId: string }).messageId;

describe("a webhook router that retries", () => {
  it("bus down, then up: nothing is lost, nothing is stored twice, no answer gives an event up", async () => {
    const { send, sendRaw, bus } = await openIngest({ publishPausesMs: [] });
    const sent = jobs(16, 8);
    // Of three answers one is lost after storing; the first 200 publishes fail, stored or not.
    bus.fate = (): Fate =>
      bus.attempts > 200 ? "ok" : bus.attempts % 3 === 0 ? "lost_ack" : "down";
    const verdicts = new Map<string, string[]>();
    const result = await runRouter(sent, 8, async (body) => {
      const answer = await sendRaw(body, { headers: RUDDER });
      const verdict = answer.body.results?.[0]?.verdict ?? `${answer.status}`;
      verdicts.set(idOf(body), [...(verdicts.get(idOf(body)) ?? []), verdict]);
      return answer.status;
    });
    expect(result.aborted).toEqual([]);
    expect(result.delivered.size).toBe(sent.length);
    const stored = bus.stored.map(({ event }) => event.event_id).sort();
    expect(stored).toEqual(sent.map(({ body }) => idOf(body)).sort());
    const all = [...verdicts.values()];
    expect(all.some((list) => list.includes("429"))).toBe(true);
    // What was stored before its answer got lost is found again as duplicate.
    expect(all.some((list) => list.at(-1) === "duplicate")).toBe(true);
    for (const list of all) expect(["accepted", "duplicate"]).toContain(list.at(-1));
    expect((await send(event({ messageId: "m-0" }))).body.duplicates).toBe(1);
  });

  it("keeps the order of a person's events through an outage", async () => {
    const { sendRaw, bus } = await openIngest({ publishPausesMs: [] });
    bus.fate = (): Fate => (bus.attempts > 60 ? "ok" : "down");
    await runRouter(
      jobs(4, 10),
      8,
      async (body) => (await sendRaw(body, { headers: RUDDER })).status,
    );
    for (let person = 0; person < 4; person++) {
      const own = bus.stored.filter(({ event }) => event.user_id === `person-${person}`);
      const numbers = own.map(({ event }) => Number(event.event_id.slice(2)));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(numbers).toHaveLength(10);
    }
  });

  it("arrays of 20 under any schedule of failures: stored once each, verdicts never lie", async () => {
    const fates = fc.constantFrom<Fate>("ok", "ok", "ok", "down", "lost_ack", "full");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fates, { minLength: 1, maxLength: 120 }),
        fc.array(fc.integer({ min: 0, max: 39 }), { minLength: 1, maxLength: 20 }),
        async (schedule, ids) => {
          const { send, bus } = await openIngest();
          bus.fate = () => schedule[bus.attempts - 1] ?? "ok";
          const list = ids.map((id) => event({ messageId: `m-${id}` }));
          for (;;) {
            const answer = await send(list, { headers: RUDDER });
            if (answer.status === 429) continue;
            expect(answer.status).toBe(200);
            const { accepted, duplicates, received } = answer.body;
            expect(accepted + duplicates).toBe(received);
            break;
          }
          const stored = bus.stored.map(({ event }) => event.event_id);
          expect(new Set(stored).size).toBe(stored.length);
          expect(new Set(stored)).toEqual(new Set(ids.map((id) => `m-${id}`)));
        },
      ),
      { numRuns: 40 },
    );
  });
});
