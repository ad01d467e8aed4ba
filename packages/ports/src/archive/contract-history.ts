import { describe, expect } from "vitest";

import { compareEvents } from "@signalpath/domain";

import {
  identified,
  iso,
  keyOf,
  NOON,
  viewed,
  type MakeArchive,
  type Skip,
  testsBut,
} from "./contract-parts.ts";

export function historyTests(make: MakeArchive, skip: Skip): void {
  const it = testsBut(skip);

  describe("eventsOf", () => {
    it("answers everything of a person across links, newest first", async () => {
      const { archive } = await make();
      const at = (minutes: number): string => iso(NOON + minutes * 60_000);
      const m1 = viewed({
        event_id: "1",
        user_id: undefined,
        anonymous_id: "a1",
        occurred_at: at(1),
      });
      const m2 = viewed({ event_id: "2", user_id: "old", occurred_at: at(2) });
      const m3 = viewed({ event_id: "3", occurred_at: at(3) });
      const link = identified("4", { user_id: "u1", anonymous_id: "a1", previous_id: "old" });
      const stranger = viewed({ event_id: "5", user_id: "u2" });
      await archive.put([m3, m1, stranger, m2, link]);
      expect(await archive.eventsOf(1, keyOf("u1"), { limit: 100 })).toEqual([m3, m2, m1, link]);
    });

    it("sorts ids of one moment by code point and pages through them", async () => {
      const { archive } = await make();
      const ids = ["a", "B", "_", "-", "é", "z", "Z", "\uffff", "😀", "𐀀", "10", "9", "a b", "ab"];
      const events = ids.map((id, n) => {
        const owner = n % 2 === 0 ? { user_id: "u1" } : { user_id: undefined, anonymous_id: "a1" };
        return viewed({ event_id: id, ...owner });
      });
      await archive.put([...events, identified("link", { user_id: "u1", anonymous_id: "a1" })]);
      const all = await archive.eventsOf(1, keyOf("u1"), { limit: 100 });
      expect(all).toEqual(all.toSorted((a, b) => compareEvents(b, a)));
      expect(all).toHaveLength(ids.length + 1);
      const paged = [];
      for (;;) {
        const before = paged.at(-1);
        const page = await archive.eventsOf(1, keyOf("u1"), {
          limit: 4,
          ...(before === undefined ? {} : { before }),
        });
        expect(page.length).toBeLessThanOrEqual(4);
        paged.push(...page);
        if (page.length === 0) break;
      }
      expect(paged).toEqual(all);
    });

    it("leaves out bots and exposures, which are stored all the same", async () => {
      const { archive } = await make();
      const bot = viewed({ event_id: "bot", is_bot: true });
      const exposed = viewed({ event_id: "exposed", kind: "exposed" });
      const person = viewed({ event_id: "person", is_bot: false });
      await archive.put([bot, exposed, person]);
      expect(await archive.eventsOf(1, keyOf("u1"), { limit: 10 })).toEqual([person]);
      expect(await archive.known(1, ["bot", "exposed"])).toEqual(new Set(["bot", "exposed"]));
    });

    it("answers nothing for a stranger", async () => {
      const { archive } = await make();
      expect(await archive.eventsOf(1, keyOf("nobody"), { limit: 10 })).toEqual([]);
      expect(await archive.resolve(1, keyOf("nobody"))).toBe(keyOf("nobody"));
      expect(await archive.known(1, [])).toEqual(new Set());
    });

    it("never reads more than 2,000 rows at once", async () => {
      const { archive } = await make();
      const events = Array.from({ length: 2_100 }, (_, n) =>
        viewed({ event_id: `m${n}`, occurred_at: iso(NOON + n) }),
      );
      const put = await archive.put(events);
      expect(put.results.every((result) => result.status === "inserted")).toBe(true);
      const page = await archive.eventsOf(1, keyOf("u1"), { limit: 5_000 });
      expect(page).toEqual(events.toReversed().slice(0, 2_000));
      const ids = events.map((event) => event.event_id);
      expect((await archive.known(1, ids)).size).toBe(2_100);
    });
  });
}
