import type { SignalEvent, UserKey } from "@signalpath/domain";
import { countItemHours, type LoggedEvent } from "@signalpath/ports";
import { describe, expect, test } from "vitest";

import { createLedger, type Ledger } from "./ledger.ts";
import { expectedModels, judge, splitPeople, type Remains } from "./oracle.ts";

function event(id: string, more: Partial<SignalEvent> = {}): SignalEvent {
  const at = "2026-06-12T12:00:00.000Z";
  const base = { event_id: id, project_id: 1, kind: "feedback", reaction: "like", item_id: "m1" };
  return { ...base, user_id: "t-user-1", occurred_at: at, received_at: at, ...more } as SignalEvent;
}

function logged(events: readonly SignalEvent[], owner = "a"): LoggedEvent[] {
  return events.map((one, sequence) => ({ sequence, event: one, owner: owner as UserKey }));
}

function remainsOf(events: readonly SignalEvent[], letters: readonly string[] = []): Remains {
  return {
    archived: logged(events),
    letters: new Set(letters),
    itemHours: countItemHours(events),
  };
}

function ledgerOf(fates: Record<string, "accepted" | "dead" | "rejected" | "unknown">): Ledger {
  const ledger = createLedger();
  for (const [id, fate] of Object.entries(fates)) {
    ledger.attempt(id);
    if (fate !== "unknown") ledger.settle(id, fate, 0);
  }
  return ledger;
}

describe("judge", () => {
  test("accepted is there, unknown may be there: nothing to object to", () => {
    const ledger = ledgerOf({ "t-1": "accepted", "t-2": "unknown", "t-3": "unknown" });
    const verdict = judge("t", ledger, remainsOf([event("t-1"), event("t-2")]));
    expect(verdict).toEqual({ lost: [], invented: [], countedWrong: 0 });
  });

  test("a dead letter keeps what was accepted or put aside", () => {
    const ledger = ledgerOf({ "t-1": "accepted", "t-2": "dead" });
    const verdict = judge("t", ledger, remainsOf([], ["t-1", "t-2"]));
    expect(verdict).toEqual({ lost: [], invented: [], countedWrong: 0 });
  });

  test("accepted and nowhere is lost; so is what was called put aside and is not", () => {
    const ledger = ledgerOf({ "t-1": "accepted", "t-2": "dead" });
    expect(judge("t", ledger, remainsOf([])).lost).toEqual(["t-1", "t-2"]);
  });

  test("refused and stored is invented; so is what was never sent; other runs are not judged", () => {
    const ledger = ledgerOf({ "t-1": "rejected" });
    const stored = remainsOf([event("t-1"), event("t-9"), event("other-1")], ["t-8"]);
    expect(judge("t", ledger, stored).invented).toEqual(["t-1", "t-9", "t-8"]);
  });

  test("an event that was counted twice, or not at all, or stored twice", () => {
    const ledger = ledgerOf({ "t-1": "accepted" });
    const once = remainsOf([event("t-1")]);
    const twice = once.itemHours.map((row) => ({ ...row, count: 2 }));
    expect(judge("t", ledger, { ...once, itemHours: twice }).countedWrong).toBe(1);
    expect(judge("t", ledger, { ...once, itemHours: [] }).countedWrong).toBe(1);
    const both = { ...once, archived: [...once.archived, ...once.archived] };
    expect(judge("t", ledger, both).countedWrong).toBe(2);
  });
});

describe("models", () => {
  test("one a person, of all their events, by the name they are known as", () => {
    const device = event("t-2", { user_id: undefined, anonymous_id: "t-device-1" });
    const models = expectedModels("t", logged([device, event("t-1"), event("other-1")]), []);
    expect([...models.keys()]).toEqual(["a"]);
    const model = models.get("a" as UserKey);
    expect(model?.person).toBe("t-user-1");
    expect(JSON.parse(model?.text ?? "")).toMatchObject({ n_events: 2 });
  });

  test("a linked person under two owners is found", () => {
    const both = event("t-1", { anonymous_id: "t-device-1" });
    const alone = event("t-2", { user_id: undefined, anonymous_id: "t-device-1" });
    expect(splitPeople("t", [...logged([both]), ...logged([alone])])).toEqual([]);
    expect(splitPeople("t", [...logged([both]), ...logged([alone], "b")])).toEqual(["1"]);
    // Never seen together: two people as far as anyone can know.
    expect(splitPeople("t", [...logged([event("t-1")]), ...logged([alone], "b")])).toEqual([]);
  });
});
