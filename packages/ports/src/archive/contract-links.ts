import { describe, expect } from "vitest";

import {
  identified,
  keyOf,
  viewed,
  type MakeArchive,
  type Skip,
  testsBut,
} from "./contract-parts.ts";

const device = (id: string) => keyOf(id, "anonymous");

export function linkTests(make: MakeArchive, skip: Skip): void {
  const it = testsBut(skip);

  describe("identity links", () => {
    it("links a device to its user and answers the owner after it", async () => {
      const { archive } = await make();
      const before = viewed({ event_id: "m1", user_id: undefined, anonymous_id: "a1" });
      const first = await archive.put([before]);
      expect(first.results[0]).toMatchObject({ owner: device("a1") });
      expect(first.links).toEqual([]);
      const put = await archive.put([identified("m2", { user_id: "u1", anonymous_id: "a1" })]);
      expect(put.links).toEqual([{ projectId: 1, from: device("a1"), to: keyOf("u1") }]);
      expect(await archive.resolve(1, device("a1"))).toBe(keyOf("u1"));
      const after = await archive.put([{ ...before, event_id: "m3" }]);
      expect(after.results[0]).toMatchObject({ status: "inserted", owner: keyOf("u1") });
      expect(after.links).toEqual([{ projectId: 1, from: device("a1"), to: keyOf("u1") }]);
    });

    it("one batch links and resolves at once", async () => {
      const { archive } = await make();
      const put = await archive.put([
        viewed({ event_id: "m1", user_id: undefined, anonymous_id: "a1" }),
        identified("m2", { user_id: "u1", anonymous_id: "a1" }),
      ]);
      expect(put.results.map((result) => "owner" in result && result.owner)).toEqual([
        keyOf("u1"),
        keyOf("u1"),
      ]);
    });

    it("the first user of a device stays, and two users are never joined through it", async () => {
      const { archive } = await make();
      await archive.put([identified("m1", { user_id: "u1", anonymous_id: "a1" })]);
      const put = await archive.put([identified("m2", { user_id: "u2", anonymous_id: "a1" })]);
      expect(put.links).toEqual([{ projectId: 1, from: device("a1"), to: keyOf("u1") }]);
      expect(put.circles).toBe(0);
      expect(await archive.resolve(1, device("a1"))).toBe(keyOf("u1"));
      expect(await archive.resolve(1, keyOf("u2"))).toBe(keyOf("u2"));
    });

    it("within one batch the earlier link stays", async () => {
      const { archive } = await make();
      await archive.put([
        identified("z", { user_id: "u1", anonymous_id: "a1" }),
        identified("a", { user_id: "u2", anonymous_id: "a1" }),
      ]);
      expect(await archive.resolve(1, device("a1"))).toBe(keyOf("u1"));
    });

    it("a redelivery reports its links again and decides nothing", async () => {
      const { archive } = await make();
      const event = identified("m1", { user_id: "u2", anonymous_id: "a1", previous_id: "u1" });
      const links = [
        { projectId: 1, from: device("a1"), to: keyOf("u2") },
        { projectId: 1, from: keyOf("u1"), to: keyOf("u2") },
      ];
      const first = await archive.put([event]);
      expect(first.links).toHaveLength(2);
      expect(first.links).toEqual(expect.arrayContaining(links));
      const again = await archive.put([event]);
      expect(again.links).toHaveLength(2);
      expect(again.links).toEqual(expect.arrayContaining(links));
      expect(again.circles).toBe(0);
      // Also when the copy that comes again names nobody of it.
      const other = await archive.put([viewed({ event_id: "m1", user_id: "u9" })]);
      expect(other.links).toEqual(expect.arrayContaining(links));
    });

    it("an alias of a user with devices takes them along", async () => {
      const { archive } = await make();
      const old = viewed({ event_id: "m1", user_id: undefined, anonymous_id: "a1" });
      await archive.put([old, identified("m2", { user_id: "u1", anonymous_id: "a1" })]);
      await archive.put([identified("m3", { user_id: "u2", previous_id: "u1" })]);
      await archive.put([identified("m4", { user_id: "u3", previous_id: "u2" })]);
      for (const key of [device("a1"), keyOf("u1"), keyOf("u2")]) {
        expect(await archive.resolve(1, key)).toBe(keyOf("u3"));
      }
      const again = await archive.put([old]);
      expect(again.results[0]).toMatchObject({ status: "stored", owner: keyOf("u3") });
      expect(again.links).toEqual([{ projectId: 1, from: device("a1"), to: keyOf("u3") }]);
    });

    it("a link to someone who was linked before leads to the root", async () => {
      const { archive } = await make();
      await archive.put([identified("m1", { user_id: "u2", previous_id: "u1" })]);
      const put = await archive.put([identified("m2", { user_id: "u1", anonymous_id: "a1" })]);
      expect(put.results[0]).toMatchObject({ owner: keyOf("u2") });
      expect(put.links).toContainEqual({ projectId: 1, from: device("a1"), to: keyOf("u2") });
    });

    it("a chain in one batch ends at its root, in either order", async () => {
      const { archive } = await make();
      await archive.put([
        identified("m1", { user_id: "u2", previous_id: "u1" }),
        identified("m2", { user_id: "u3", previous_id: "u2" }),
        identified("m3", { user_id: "w3", previous_id: "w2" }),
        identified("m4", { user_id: "w2", previous_id: "w1" }),
      ]);
      for (const id of ["u1", "u2", "u3"]) {
        expect(await archive.resolve(1, keyOf(id))).toBe(keyOf("u3"));
      }
      for (const id of ["w1", "w2", "w3"]) {
        expect(await archive.resolve(1, keyOf(id))).toBe(keyOf("w3"));
      }
    });

    it("drops and counts a link that closes a circle", async () => {
      const { archive } = await make();
      await archive.put([
        identified("m1", { user_id: "u2", previous_id: "u1" }),
        identified("m2", { user_id: "u3", previous_id: "u2" }),
      ]);
      const put = await archive.put([identified("m3", { user_id: "u1", previous_id: "u3" })]);
      expect(put.circles).toBe(1);
      expect(put.results[0]).toMatchObject({ status: "inserted", owner: keyOf("u3") });
      expect(await archive.resolve(1, keyOf("u3"))).toBe(keyOf("u3"));
      const here = await archive.put([
        identified("m4", { user_id: "w2", previous_id: "w1" }),
        identified("m5", { user_id: "w1", previous_id: "w2" }),
      ]);
      expect(here.circles).toBe(1);
    });

    it("opposite aliases at once make one link and no circle", async () => {
      const { archive } = await make();
      for (let round = 0; round < 10; round++) {
        const [a, b] = [`a${round}`, `b${round}`];
        const puts = await Promise.all([
          archive.put([identified(`x${round}`, { user_id: a, previous_id: b })]),
          archive.put([identified(`y${round}`, { user_id: b, previous_id: a })]),
        ]);
        expect(puts[0].circles + puts[1].circles).toBe(1);
        const root = await archive.resolve(1, keyOf(a));
        expect([keyOf(a), keyOf(b)]).toContain(root);
        expect(await archive.resolve(1, keyOf(b))).toBe(root);
      }
    });

    it("aliases round a ring at once leave one root", async () => {
      const { archive } = await make();
      const ids = Array.from({ length: 8 }, (_, n) => `r${n}`);
      const puts = await Promise.all(
        ids.map((id, n) =>
          archive.put([
            identified(`m${n}`, { user_id: ids[(n + 1) % ids.length], previous_id: id }),
          ]),
        ),
      );
      expect(puts.reduce((sum, put) => sum + put.circles, 0)).toBe(1);
      const roots = await Promise.all(ids.map((id) => archive.resolve(1, keyOf(id))));
      expect(new Set(roots).size).toBe(1);
    });

    it("links of one project are no links of another", async () => {
      const { archive } = await make();
      await archive.put([identified("m1", { user_id: "u1", anonymous_id: "a1" })]);
      expect(await archive.resolve(2, device("a1"))).toBe(device("a1"));
    });
  });
}
