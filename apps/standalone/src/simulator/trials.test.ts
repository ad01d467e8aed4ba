import { experiment, experimentBody } from "@signalpath/contracts";
import { describe, expect, it } from "vitest";

import { guestAt, GUEST_MS, receiveGuests } from "./guests.ts";
import { seededRandom } from "./random.ts";
import { conductOf, TRIALS } from "./trial-plan.ts";
import { createTrials, historyOf } from "./trials.ts";

const NOW = Date.parse("2026-06-12T12:00:00.000Z");

function stored(trial: (typeof TRIALS)[keyof typeof TRIALS]) {
  const at = new Date(NOW).toISOString();
  const times = { created_at: at, updated_at: at, started_at: at, stopped_at: null };
  const common = { project: 1, hash_version: 2, coverage: 1, ...times };
  const id = "6b0f6f1e-5a0c-4d6e-9d0e-0f2b8f6f0a01";
  return experiment.parse({ id, ...common, ...experimentBody.parse(trial) });
}

function ratesOf(name: keyof typeof TRIALS, metric: string): [number, number] {
  const rows = historyOf(stored(TRIALS[name]), NOW);
  const rate = (index: number) => {
    const arm = rows.filter(({ exposure }) => exposure.variation_index === index);
    const met = arm.filter(({ conversions }) => conversions.some((one) => one.metric === metric));
    return met.length / arm.length;
  };
  return [rate(0), rate(1)];
}

describe("the demo's experiments", () => {
  it("share all units between them, none in both", () => {
    const units = Object.values(TRIALS).map(
      (trial) => new Set(historyOf(stored(trial), NOW).map(({ exposure }) => exposure.user_id)),
    );
    const [equal, planted] = units as [Set<string>, Set<string>];
    expect(equal.size + planted.size).toBe(6_000);
    expect([...equal].some((unit) => planted.has(unit))).toBe(false);
  });

  it("have a lift where one is planted and none where there is none", () => {
    const [control, treatment] = ratesOf("planted", "liked");
    expect(treatment / control).toBeGreaterThan(1.15);
    const [one, same] = ratesOf("equal", "liked");
    expect(Math.abs(same / one - 1)).toBeLessThan(0.15);
  });

  it("lay a history that lies before now, the same for the same clock", () => {
    const rows = historyOf(stored(TRIALS.planted), NOW);
    expect(historyOf(stored(TRIALS.planted), NOW)).toEqual(rows);
    for (const { exposure, conversions } of rows) {
      expect(Date.parse(exposure.occurred_at)).toBeLessThan(NOW);
      for (const { occurred_at } of conversions) {
        expect(Date.parse(occurred_at)).toBeGreaterThanOrEqual(Date.parse(exposure.occurred_at));
        expect(Date.parse(occurred_at)).toBeLessThan(NOW);
      }
    }
  });

  it("let no metric go unanswered that somebody else's experiment has", () => {
    const random = seededRandom(1);
    const theirs = { name: "x", metrics: [{ ...stored(TRIALS.equal).metrics[0], name: "bought" }] };
    const met = Array.from({ length: 1_000 }, () => conductOf(theirs as never, 0, random).length);
    expect(met.reduce((a, b) => a + b, 0)).toBeGreaterThan(100);
  });
});

/** A service that keeps experiments and counts exposures; `rested` are pauses after calls. */
function service() {
  const kept: ReturnType<typeof stored>[] = [];
  const calls: { path: string; rows: number }[] = [];
  const rested: number[] = [];
  const counted = new Map<string, number>();
  let at = NOW;
  const answer = (path: string, body: Record<string, unknown[]> | undefined): unknown => {
    const [, id, verb] = /experiments\/([^/?]+)\/?(\w+)?/.exec(path) ?? [];
    if (body === undefined) {
      if (verb === "ingestion") return { exposures_total: counted.get(id ?? "") ?? 0 };
      return { count: kept.length, next: null, previous: null, results: kept };
    }
    if (id === undefined) {
      const made = { ...stored(body as never), id: `${kept.length}`.padStart(8, "0") + ID_REST };
      kept.push(made);
      return made;
    }
    const rows = Object.values(body)[0]?.length ?? 0;
    calls.push({ path, rows });
    at += 50;
    if (verb === "exposures") counted.set(id, (counted.get(id) ?? 0) + rows);
    return {};
  };
  const trials = createTrials({
    url: "http://demo.test",
    apiKey: "k",
    now: () => at,
    random: seededRandom(1),
    sleep: async (ms) => void rested.push(ms),
    fetch: async (url, init) => {
      const body = init?.body === undefined ? undefined : JSON.parse(init.body as string);
      return Response.json(answer(url as string, body));
    },
  });
  return { trials, calls, rested, counted };
}
const ID_REST = "-5a0c-4d6e-9d0e-0f2b8f6f0a01";

describe("createTrials", () => {
  it("lays all readers in small slices, resting as long as it worked, and only once", async () => {
    const { trials, calls, rested, counted } = service();
    await trials.open(new AbortController().signal);
    expect([...counted.values()].reduce((a, b) => a + b, 0)).toBe(6_000);
    expect(Math.max(...calls.map(({ rows }) => rows))).toBe(100);
    expect(rested).toHaveLength(calls.length);
    expect(Math.min(...rested)).toBe(50);

    const before = calls.length;
    await trials.open(new AbortController().signal);
    expect(calls).toHaveLength(before);
  });

  it("stops between two slices", async () => {
    const { trials, calls, rested } = service();
    const stop = new AbortController();
    rested.push = (...ms) => (stop.abort(), ms.length);
    await trials.open(stop.signal);
    expect(calls).toHaveLength(1);
  });

  it("creates nothing again and leaves alone what was archived", async () => {
    const posted: string[] = [];
    const archived = Object.values(TRIALS).map((trial) => {
      return { ...stored(trial), status: "archived" as const };
    });
    const trials = createTrials({
      url: "http://demo.test",
      apiKey: "k",
      now: () => NOW,
      random: seededRandom(1),
      sleep: async () => {},
      fetch: async (_, init) => {
        if (init?.method === "POST") posted.push(init.method);
        return Response.json({ count: 2, next: null, previous: null, results: archived });
      },
    });
    await trials.open(new AbortController().signal);
    expect(posted).toEqual([]);
  });
});

describe("receiveGuests", () => {
  it("shows each a list, reports it, and goes on behind trouble", async () => {
    const stop = new AbortController();
    const [met, trouble]: [string[], unknown[]] = [[], []];
    let at = NOW;
    await receiveGuests({
      sender: {
        recommend: async () => {
          if (met.length === 1 && trouble.length === 0) throw new Error("busy");
          return { items: [], experiments: [], request_id: "r" } as never;
        },
        send: async () => 0,
      },
      trials: { met: async (userId) => void met.push(userId) },
      now: () => at,
      sleep: async (ms) => {
        at += ms;
        if (met.length === 3) stop.abort();
      },
      signal: stop.signal,
      onTrouble: (error) => void trouble.push(error),
    });
    expect(trouble).toHaveLength(1);
    expect(new Set(met).size).toBe(3);
    expect(guestAt(NOW).userId).toBe(guestAt(NOW + GUEST_MS * 20_000).userId);
  });
});
