import type { ContentItem } from "@signalpath/domain";
import { compileShippedEventMap, normaliseRudderStack } from "@signalpath/domain";
import { sampleCatalogue } from "@signalpath/backends";
import { sha256 } from "@signalpath/service-kit";
import { describe, expect, it } from "vitest";

import { interestIn, meetItem, showList, somethingElse, type Act } from "./behave.ts";
import { seededRandom } from "./random.ts";
import { bodyOf, BusyError, type Sender } from "./sender.ts";
import { createSimulator } from "./simulator.ts";
import { SHOWN_VISITOR, VISITORS, type Visitor } from "./visitors.ts";

const NOW = Date.parse("2026-06-12T12:00:00.000Z");
const items = sampleCatalogue(NOW);
const labels = new Set(items.flatMap((item) => item.tags.map((tag) => tag.label)));

function answerOf(list: readonly ContentItem[]) {
  return {
    request_id: "request-1",
    user_id: "u",
    strategy: "warm" as const,
    model_revision: 1,
    model_age_ms: 1,
    items: list.map((item, i) => ({
      item_id: item.item_id,
      rank: i + 1,
      score: 1,
      role: "target" as const,
      contributions: {},
      reasons: [],
      content: item,
    })),
    experiments: [],
    diagnostics: { pool_size: 1, sources: {}, ranking: "static" as const, degraded: [] },
  };
}

function fakeSender(sent: { visitor: Visitor; act: Act }[]): Sender {
  return {
    async send(visitor, acts) {
      sent.push(...acts.map((act) => ({ visitor, act })));
      return acts.length;
    },
    async recommend() {
      return answerOf(items.slice(0, 5));
    },
    async browse() {
      return items;
    },
  };
}

describe("visitors", () => {
  it("are twelve people with tastes that the sample catalogue has", () => {
    expect(new Set(VISITORS.map((visitor) => visitor.userId)).size).toBe(12);
    expect(VISITORS.map((visitor) => visitor.userId)).toContain(SHOWN_VISITOR);
    for (const { loves, bored } of VISITORS) {
      for (const label of [...loves, ...bored]) expect(labels).toContain(label);
    }
  });

  it("read what they love longer than what bores them", () => {
    const visitor = VISITORS[0] as Visitor;
    const dwell = (interest: number) => {
      const random = seededRandom(3);
      const shares = items
        .filter((item) => interestIn(visitor, item) === interest)
        .map((item) => {
          const ended = meetItem(visitor, item, random)[1];
          return Number(ended?.properties?.["dwell_seconds"]) / (item.word_count ?? 1);
        });
      return shares.reduce((sum, share) => sum + share, 0) / shares.length;
    };
    expect(dwell(1)).toBeGreaterThan(2 * dwell(-1));
    expect(dwell(0)).toBeGreaterThan(dwell(-1));
  });

  it("do nothing that ingest would not understand", () => {
    const random = seededRandom(11);
    const context = {
      projectId: 1,
      receivedAtMs: NOW,
      eventMap: compileShippedEventMap(),
      sha256,
      isBotUserAgent: () => false,
    };
    const kinds = new Set<string>();
    let id = 0;
    for (const visitor of VISITORS) {
      const acts = [
        ...showList(["work-cocoa-wages"], "request-1"),
        ...items.slice(0, 40).flatMap((item) => meetItem(visitor, item, random, "request-1")),
        ...Array.from({ length: 20 }, () => somethingElse(visitor, random)),
      ];
      for (const act of acts) {
        const body = bodyOf({ now: () => NOW, newId: () => `id-${id++}` }, visitor, act);
        const result = normaliseRudderStack(body, context);
        expect(result).toMatchObject({ verdict: "events" });
        if (result.verdict === "events") for (const event of result.events) kinds.add(event.kind);
      }
    }
    expect([...kinds].toSorted()).toEqual([
      "feedback",
      "identified",
      "search",
      "served",
      "survey",
      "viewed",
    ]);
  });
});

describe("createSimulator", () => {
  async function run(seed: number, steps: number) {
    const sent: { visitor: Visitor; act: Act }[] = [];
    const simulator = createSimulator({
      sender: fakeSender(sent),
      sleep: async () => {},
      signal: new AbortController().signal,
      seed,
      onTrouble: (error) => {
        throw error;
      },
    });
    for (let i = 0; i < steps; i++) await simulator.step();
    return sent.map(({ visitor, act }) => [visitor.userId, act]);
  }

  it("is the same for the same seed and another for another", async () => {
    expect(await run(5, 60)).toEqual(await run(5, 60));
    expect(await run(6, 60)).not.toEqual(await run(5, 60));
  });

  it("reacts only to what was served, with the request it answers", async () => {
    const served = new Map<unknown, unknown>();
    for (const [, act] of (await run(5, 200)) as [string, Act][]) {
      const { item_id, request_id } = act.properties ?? {};
      if (act.event === "Tip Served") served.set(item_id, request_id);
      else if (item_id !== undefined) expect(served.get(item_id)).toBe(request_id);
    }
    expect(served.size).toBeGreaterThan(0);
  });

  it("goes on with what is known when there is nothing new to recommend", async () => {
    const sent: { visitor: Visitor; act: Act }[] = [];
    const simulator = createSimulator({
      sender: { ...fakeSender(sent), recommend: async () => answerOf([]) },
      sleep: async () => {},
      signal: new AbortController().signal,
      seed: 4,
      onTrouble: (error) => {
        throw error;
      },
    });
    for (let i = 0; i < 80; i++) await simulator.step();
    const views = sent.filter(({ act }) => act.event === "CONTENT_VIEW_ENDED");
    expect(views.length).toBeGreaterThan(20);
    expect(views.every(({ act }) => act.properties?.["request_id"] === undefined)).toBe(true);
    expect(sent.map(({ visitor }) => visitor.userId)).not.toContain(SHOWN_VISITOR);
  });

  it("backs off while the service is busy, longer each time, and comes back", async () => {
    const stop = new AbortController();
    const pauses: number[] = [];
    const trouble: unknown[] = [];
    let calls = 0;
    const simulator = createSimulator({
      sender: {
        ...fakeSender([]),
        async recommend() {
          if (++calls <= 4) throw new BusyError("busy", calls === 1 ? 9_000 : 0);
          return answerOf(items.slice(0, 1));
        },
      },
      visitors: VISITORS.slice(0, 1),
      sleep: async (ms) => {
        pauses.push(ms);
        if (pauses.length >= 8) stop.abort();
      },
      signal: stop.signal,
      seed: 2,
      onTrouble: (error) => void trouble.push(error),
    });
    await simulator.run();
    expect(trouble).toHaveLength(4);
    expect(pauses[0]).toBe(9_000);
    expect(pauses.slice(1, 4)).toEqual([4_000, 8_000, 16_000]);
    expect(Math.max(...pauses.slice(4))).toBeLessThan(2_000);
  });

  it("stops when it is told to, also in the middle of trouble", async () => {
    const stop = new AbortController();
    const simulator = createSimulator({
      sender: {
        async send() {
          stop.abort();
          throw new BusyError("gone", 0);
        },
        async recommend() {
          stop.abort();
          throw new BusyError("gone", 0);
        },
        browse: async () => items,
      },
      sleep: async () => {
        throw new Error("slept after the end");
      },
      signal: stop.signal,
      onTrouble: () => {
        throw new Error("told of trouble after the end");
      },
    });
    await expect(simulator.run()).resolves.toBeUndefined();
  });
});
