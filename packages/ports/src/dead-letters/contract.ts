import { describe, expect } from "vitest";

import { RETENTION_MS } from "@signalpath/contracts";

import { iso, NOON, type Skip, testsBut } from "../archive/contract-parts.ts";
import { RefusedError } from "../errors.ts";
import type { DeadLetter, DeadLetters, NewDeadLetter } from "./port.ts";

function letter(changes: Partial<NewDeadLetter> = {}): NewDeadLetter {
  return {
    projectId: 1,
    app: "ingest-webhook",
    code: "NO_IDENTITY",
    detail: "no identity",
    receivedAt: iso(NOON),
    body: `{"a":1}`,
    truncated: false,
    ...changes,
  };
}

/** Most letters a project keeps in these tests: `make` must set it. */
export const CONTRACT_MAX_LETTERS = 5;

/** Every promise of `DeadLetters`. `make` answers an empty one that keeps five letters a project. */
export function deadLettersContract(make: () => Promise<DeadLetters>, skip: Skip = {}): void {
  const it = testsBut(skip);

  describe("DeadLetters", () => {
    it("gives back every field", async () => {
      const letters = await make();
      const full = letter({
        eventId: "m1",
        userKey: "u".repeat(22) as never,
        anonymousKey: "a".repeat(22) as never,
        truncated: true,
        body: `{"quote\\": '"; drop table x; -- 😀"}`,
      });
      await letters.put([full]);
      const page = await letters.list(1, { limit: 10 });
      expect(page.next).toBeUndefined();
      expect(page.letters).toEqual([{ ...full, id: expect.any(String), replays: 0 }]);
      const [{ id }] = page.letters as [DeadLetter];
      expect(await letters.get(1, [id, "none"])).toEqual(page.letters);
      expect(await letters.get(2, [id])).toEqual([]);
    });

    it("the same refusal is one row, and the first stays", async () => {
      const letters = await make();
      await letters.put([letter({ eventId: "m1" }), letter({ eventId: "m1", detail: "again" })]);
      await letters.put([letter({ eventId: "m1", body: "other", receivedAt: iso(NOON + 1) })]);
      expect((await letters.list(1, { limit: 10 })).letters).toMatchObject([
        { detail: "no identity" },
      ]);
      const apart = [
        letter({ eventId: "m2" }),
        letter({ eventId: "m1", code: "TOO_DEEP" }),
        letter({ eventId: "m1", app: "updater" }),
        letter({ body: "m1" }),
      ];
      await letters.put(apart);
      expect((await letters.list(1, { limit: 10 })).letters).toHaveLength(5);
      await letters.put([letter({ body: "m1" }), letter({ projectId: 2, eventId: "m1" })]);
      expect((await letters.list(1, { limit: 10 })).letters).toHaveLength(5);
      expect((await letters.list(2, { limit: 10 })).letters).toHaveLength(1);
      await letters.put([]);
    });

    it("counts what waits, by app and over all projects", async () => {
      const letters = await make();
      expect(await letters.counts()).toEqual([]);
      await letters.put([
        letter({ eventId: "m1", app: "updater" }),
        letter({ eventId: "m1" }),
        letter({ eventId: "m2", projectId: 2 }),
        letter({ eventId: "m2", projectId: 2 }),
        letter({ eventId: "m3", app: "Zeta" }),
      ]);
      expect(await letters.counts()).toEqual([
        { app: "Zeta", count: 1 },
        { app: "ingest-webhook", count: 2 },
        { app: "updater", count: 1 },
      ]);
      const [first] = (await letters.list(2, { limit: 1 })).letters;
      await letters.remove(2, [first?.id ?? ""]);
      expect(await letters.counts()).toContainEqual({ app: "ingest-webhook", count: 1 });
    });

    it("keeps letters that hold what text columns refuse", async () => {
      const letters = await make();
      await letters.put([letter({ body: "raw \0 \ud800 bytes", eventId: "\0", detail: "\udc00" })]);
      const [kept] = (await letters.list(1, { limit: 1 })).letters;
      expect(kept).toMatchObject({
        body: "raw \uFFFD \uFFFD bytes",
        eventId: "\uFFFD",
        detail: "\uFFFD",
      });
    });

    it("lists newest first, filtered, page by page", async () => {
      const letters = await make();
      await letters.put(
        Array.from({ length: 9 }, (_, n) =>
          letter({
            eventId: `m${n}`,
            code: n % 3 === 0 ? "TOO_DEEP" : "NO_IDENTITY",
            app: n % 2 === 0 ? "ingest-webhook" : "updater",
            receivedAt: iso(NOON + Math.floor(n / 2) * 1_000),
          }),
        ),
      );
      const all = (await letters.list(1, { limit: 100 })).letters;
      const times = all.map(({ receivedAt }) => receivedAt);
      expect(times).toEqual(times.toSorted().toReversed());
      expect(all).toHaveLength(9);
      const paged: DeadLetter[] = [];
      let cursor: string | undefined;
      do {
        const page = await letters.list(1, {
          limit: 2,
          ...(cursor === undefined ? {} : { cursor }),
        });
        paged.push(...page.letters);
        cursor = page.next;
      } while (cursor !== undefined);
      expect(paged).toEqual(all);
      const deep = await letters.list(1, { limit: 100, code: "TOO_DEEP" });
      expect(deep.letters).toEqual(all.filter(({ code }) => code === "TOO_DEEP"));
      const both = await letters.list(1, { limit: 1, code: "NO_IDENTITY", app: "updater" });
      expect(both.letters).toEqual(
        all.filter(({ code, app }) => code === "NO_IDENTITY" && app === "updater").slice(0, 1),
      );
      expect(both.next).toBeDefined();
      await expect(letters.list(1, { limit: 1, cursor: "' or 1=1" })).rejects.toThrow(RefusedError);
    });

    it("counts replays and removes what succeeded", async () => {
      const letters = await make();
      await letters.put([letter({ eventId: "m1" }), letter({ eventId: "m2" })]);
      const [first, second] = (await letters.list(1, { limit: 10 })).letters as [
        DeadLetter,
        DeadLetter,
      ];
      expect(await letters.countReplay(1, first.id)).toBe(0);
      expect(await letters.countReplay(1, first.id)).toBe(1);
      expect(await letters.countReplay(2, first.id)).toBeUndefined();
      expect(await letters.countReplay(1, "none")).toBeUndefined();
      expect((await letters.get(1, [first.id]))[0]?.replays).toBe(2);
      await letters.remove(2, [first.id]);
      await letters.remove(1, [first.id, "none"]);
      await letters.remove(1, [first.id]);
      expect(await letters.list(1, { limit: 10 })).toEqual({ letters: [second], next: undefined });
    });

    it("replays counted at once are all counted", async () => {
      const letters = await make();
      await letters.put([letter()]);
      const [{ id }] = (await letters.list(1, { limit: 1 })).letters as [DeadLetter];
      const counts = await Promise.all([1, 2, 3, 4].map(() => letters.countReplay(1, id)));
      expect(counts.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([0, 1, 2, 3]);
    });

    it("prunes what is past its age or its project's number", async () => {
      const letters = await make();
      const now = NOON + RETENTION_MS;
      await letters.put([
        letter({ eventId: "old", receivedAt: iso(NOON - 1) }),
        letter({ eventId: "edge", receivedAt: iso(NOON), projectId: 2 }),
        ...Array.from({ length: CONTRACT_MAX_LETTERS + 2 }, (_, n) =>
          letter({ eventId: `m${n}`, receivedAt: iso(NOON + n) }),
        ),
      ]);
      expect(await letters.prune(now)).toBe(3);
      const left = (await letters.list(1, { limit: 100 })).letters.map(({ eventId }) => eventId);
      expect(left).toEqual(["m6", "m5", "m4", "m3", "m2"]);
      expect((await letters.list(2, { limit: 100 })).letters).toHaveLength(1);
      expect(await letters.prune(now)).toBe(0);
    });

    it("writers of overlapping letters at once do not stand in each other's way", async () => {
      const letters = await make();
      const batch = Array.from({ length: 40 }, (_, n) => letter({ eventId: `m${n}` }));
      await Promise.all(
        Array.from({ length: 6 }, (_, n) => letters.put(n % 2 === 0 ? batch : batch.toReversed())),
      );
      expect((await letters.list(1, { limit: 100 })).letters).toHaveLength(40);
    });
  });
}
