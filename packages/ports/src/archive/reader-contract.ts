import { describe, expect } from "vitest";

import { RefusedError } from "../errors.ts";
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
import type { LoggedEvent, Owner } from "./reader.ts";

const device = (id: string) => keyOf(id, "anonymous");
const named = (owners: readonly Owner[]): [number, string][] =>
  owners.map(({ projectId, userId }) => [projectId, userId]);

/** Every promise of `ArchiveReader`. */
export function archiveReaderContract(make: MakeArchive, skip: Skip = {}): void {
  const it = testsBut(skip);

  describe("ArchiveReader", () => {
    it("answers each person once, by project and key, under the newest user id", async () => {
      const { archive, reader } = await make();
      await archive.put([
        viewed({
          event_id: "m1",
          user_id: undefined,
          anonymous_id: "a1",
          occurred_at: iso(NOON + 9),
        }),
        identified("m2", { user_id: "u1", anonymous_id: "a1" }),
        viewed({ event_id: "m3", user_id: undefined, anonymous_id: "alone" }),
        viewed({ event_id: "m4", user_id: "u4", project_id: 2 }),
        ...Array.from({ length: 20 }, (_, n) => viewed({ event_id: `p${n}`, user_id: `p${n}` })),
      ]);
      const all = await reader.owners({});
      expect(all.next).toBeUndefined();
      expect(all.owners).toHaveLength(23);
      const places = all.owners.map(({ projectId, owner }) => `${projectId}/${owner}`);
      expect(places).toEqual(places.toSorted());
      const [u1, alone] = [keyOf("u1"), device("alone")];
      const keys = [u1, device("a1")];
      expect(all.owners).toContainEqual({ projectId: 1, owner: u1, userId: "u1", keys });
      expect(all.owners).toContainEqual({
        projectId: 1,
        owner: alone,
        userId: "alone",
        keys: [alone],
      });
      expect(await reader.keysOf(1, u1)).toEqual(keys);
      expect(await reader.keysOf(1, alone)).toEqual([alone]);
      expect(await reader.keysOf(2, u1)).toEqual([u1]);
      expect(await reader.keysOf(1, keyOf("nobody"))).toEqual([keyOf("nobody")]);
      expect(named((await reader.owners({ projectId: 2 })).owners)).toEqual([[2, "u4"]]);
      const paged: Owner[] = [];
      let cursor: string | undefined;
      do {
        const page = await reader.owners({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.owners.length).toBeLessThanOrEqual(7);
        paged.push(...page.owners);
        cursor = page.next;
      } while (cursor !== undefined);
      expect(paged).toEqual(all.owners);
      await expect(reader.owners({ cursor: "'; drop" })).rejects.toThrow(RefusedError);
    });

    it("a person whose own key has no event is found through what is linked to it", async () => {
      const { archive, reader } = await make();
      await archive.put([viewed({ event_id: "m1", user_id: "old" })]);
      await archive.put([identified("m2", { user_id: "new", previous_id: "old" })]);
      await archive.put([identified("m3", { user_id: "old", previous_id: "older" })]);
      expect(named((await reader.owners({})).owners)).toHaveLength(1);
      expect((await reader.owners({})).owners[0]?.owner).toBe(keyOf("new"));
    });

    it("tells who was archived, linked or erased since a moment of arrival", async () => {
      const { archive, reader, clock } = await make();
      clock.set(NOON);
      await archive.put([
        viewed({ event_id: "m1", user_id: "early" }),
        viewed({ event_id: "m2", user_id: undefined, anonymous_id: "a1" }),
        viewed({ event_id: "m3", user_id: "gone" }),
      ]);
      clock.set(NOON + 1_000);
      expect(await reader.touchedSince(NOON + 1_000)).toEqual([]);
      await archive.put([
        viewed({ event_id: "m4", user_id: "late", occurred_at: iso(NOON - 9_000) }),
        identified("m5", { user_id: "u1", anonymous_id: "a1" }),
      ]);
      await archive.erase(1, keyOf("gone"), NOON + 1_000);
      const touched = await reader.touchedSince(NOON + 1_000);
      expect(touched).toHaveLength(3);
      expect(touched).toEqual(
        expect.arrayContaining([
          { projectId: 1, owner: keyOf("late"), userId: "late", keys: [keyOf("late")] },
          { projectId: 1, owner: keyOf("u1"), userId: "u1", keys: [keyOf("u1"), device("a1")] },
          { projectId: 1, owner: keyOf("gone"), userId: "", keys: [keyOf("gone")] },
        ]),
      );
      expect(await reader.touchedSince(NOON)).toHaveLength(4);
    });

    it("what shapes no model touches nobody", async () => {
      const { archive, reader, clock } = await make();
      clock.set(NOON);
      const exposed = { kind: "exposed", experiment_id: "e1", variation: 0 } as const;
      const { item_id: _item, ...met } = viewed({ event_id: "m1", user_id: "reader" });
      await archive.put([
        { ...met, ...exposed },
        viewed({ event_id: "m2", user_id: "robot", is_bot: true }),
        viewed({ event_id: "m3", user_id: "person" }),
      ]);
      expect(named(await reader.touchedSince(NOON))).toEqual([[1, "person"]]);
    });

    it("names every key of whoever was touched, also when an erasure left no event", async () => {
      const { archive, reader, clock } = await make();
      clock.set(NOON);
      const devices = ["a1", "a2", "a3", "a4"];
      await archive.put([
        ...devices.map((id) => identified(`l${id}`, { user_id: "u1", anonymous_id: id })),
        identified("l5", { user_id: "u1", previous_id: "old" }),
        viewed({ event_id: "m6", user_id: "u1", project_id: 2 }),
        viewed({ event_id: "m7", user_id: undefined, anonymous_id: "other" }),
      ]);
      // What was linked before moves on with its root.
      await archive.put([identified("m8", { user_id: "new", previous_id: "u1" })]);
      const linked = [...devices.map(device), keyOf("old"), keyOf("u1")].toSorted();
      const keys = [keyOf("new"), ...linked];
      const elsewhere = keyOf("u1", "user", 2);
      expect(await reader.touchedSince(NOON)).toEqual(
        expect.arrayContaining([
          { projectId: 1, owner: keyOf("new"), userId: "new", keys },
          { projectId: 1, owner: device("other"), userId: "other", keys: [device("other")] },
          { projectId: 2, owner: elsewhere, userId: "u1", keys: [elsewhere] },
        ]),
      );
      clock.set(NOON + 1_000);
      await archive.erase(1, device("a2"), NOON + 1_000);
      expect(await reader.touchedSince(NOON + 1_000)).toEqual([
        { projectId: 1, owner: keyOf("new"), userId: "", keys },
      ]);
    });

    it("tells whose events since a moment name an item", async () => {
      const { archive, reader } = await make();
      const other = { item_id: "t2", user_id: "u3" };
      await archive.put([
        viewed({ event_id: "m1", user_id: "u1" }),
        viewed({ event_id: "m2", user_id: "u2", occurred_at: iso(NOON - 1) }),
        viewed({ event_id: "m3", ...other }),
        viewed({ event_id: "m4", user_id: "u4", project_id: 2 }),
        viewed({ event_id: "m5", user_id: undefined, anonymous_id: "a1" }),
        identified("m6", { user_id: "u1", anonymous_id: "a1" }),
      ]);
      expect(named(await reader.ownersTouching(1, ["t1"], NOON))).toEqual([[1, "u1"]]);
      expect(named(await reader.ownersTouching(1, ["t2", "none"], NOON))).toEqual([[1, "u3"]]);
      expect(await reader.ownersTouching(1, ["t1", "t2"], NOON - 1)).toHaveLength(3);
      expect(await reader.ownersTouching(1, [], 0)).toEqual([]);
    });

    it("reads the log in the order of insertion, under the owner of now", async () => {
      const { archive, reader } = await make();
      await archive.put([viewed({ event_id: "z", user_id: undefined, anonymous_id: "a1" })]);
      await archive.put([viewed({ event_id: "a", user_id: "u2" })]);
      await archive.put([viewed({ event_id: "a", user_id: "u2" })]);
      await archive.put([identified("m", { user_id: "u1", anonymous_id: "a1" })]);
      const log = await reader.log({ after: 0, limit: 10 });
      expect(log.map(({ event }) => event.event_id)).toEqual(["z", "a", "m"]);
      expect(log.map(({ owner }) => owner)).toEqual([keyOf("u1"), keyOf("u2"), keyOf("u1")]);
      const [first, second] = log;
      expect(await reader.log({ after: first?.sequence ?? 0, limit: 1 })).toEqual([second]);
      expect(await reader.log({ after: log.at(-1)?.sequence ?? 0, limit: 10 })).toEqual([]);
    });

    it("a reader that follows the log while others write misses nothing", async () => {
      const { archive, reader } = await make();
      const ids = Array.from({ length: 120 }, (_, n) => `m${n}`);
      const seen: LoggedEvent[] = [];
      const follow = async (): Promise<void> => {
        seen.push(...(await reader.log({ after: seen.at(-1)?.sequence ?? 0, limit: 50 })));
      };
      const work = { done: false };
      const writers = Promise.all(
        [0, 1, 2, 3].map(async (lane) => {
          for (let n = lane; n < ids.length; n += 4) {
            await archive.put([viewed({ event_id: ids[n] ?? "", user_id: `u${n}` })]);
          }
        }),
      ).finally(() => (work.done = true));
      while (!work.done) await follow();
      await writers;
      await follow();
      await follow();
      await follow();
      expect(seen.map(({ event }) => event.event_id).toSorted()).toEqual(ids.toSorted());
    });

    it("an offset moves forward only", async () => {
      const { reader } = await make();
      expect(await reader.offset("updater")).toBe(0);
      await reader.saveOffset("updater", 7);
      await reader.saveOffset("updater", 5);
      await reader.saveOffset("other", 1);
      expect(await reader.offset("updater")).toBe(7);
      await reader.saveOffset("updater", 2 ** 40);
      expect(await reader.offset("updater")).toBe(2 ** 40);
    });
  });
}
