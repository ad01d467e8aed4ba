import { describe, expect } from "vitest";

import { iso, NOON, type Skip, testsBut } from "../archive/contract-parts.ts";
import type { ManualClock } from "../clock/memory.ts";
import { RefusedError } from "../errors.ts";
import type { Projects } from "../projects/port.ts";
import type { Keys, NewKey } from "./port.ts";

export interface KeysParts {
  keys: Keys;
  projects: Projects;
  clock: ManualClock;
}

/** Every promise of `Keys`. `make` answers empty ones whose clock is `clock`. */
export function keysContract(make: () => Promise<KeysParts>, skip: Skip = {}): void {
  const declare = testsBut(skip);
  const it = (name: string, run: (parts: KeysParts, project: number) => Promise<void>): void => {
    const body = async (): Promise<void> => {
      const parts = await make();
      parts.clock.set(NOON);
      const { id } = await parts.projects.create("Shop");
      await run(parts, id);
    };
    declare(name, body);
  };
  const newKey = (projectId: number, hash: string, changes: Partial<NewKey> = {}): NewKey => ({
    projectId,
    name: "site",
    kind: "api",
    scopes: ["read", "predict"],
    prefix: "rctm_abc",
    hash,
    ...changes,
  });
  const writeKey = (projectId: number, hash: string, changes: Partial<NewKey> = {}): NewKey =>
    newKey(projectId, hash, {
      kind: "write",
      scopes: ["write"],
      source: "web",
      profile: "rudderstack",
      ...changes,
    });

  describe("Keys", () => {
    it("gives back the record, never the hash", async ({ keys }, project) => {
      const made = await keys.create(newKey(project, "h1", { expiresAt: iso(NOON + 1) }));
      expect(made).toEqual({
        id: expect.any(Number),
        projectId: project,
        name: "site",
        kind: "api",
        scopes: ["read", "predict"],
        source: undefined,
        profile: undefined,
        prefix: "rctm_abc",
        createdAt: iso(NOON),
        expiresAt: iso(NOON + 1),
        revokedAt: undefined,
        lastUsedAt: undefined,
      });
      expect(await keys.findByHash("h1")).toEqual(made);
      expect(await keys.get(made.id)).toEqual(made);
      expect(await keys.findByHash("h2")).toBeUndefined();
      expect(await keys.get(made.id + 1)).toBeUndefined();
      const write = await keys.create(writeKey(project, "h3"));
      expect(write).toMatchObject({ source: "web", profile: "rudderstack", expiresAt: undefined });
    });

    it("refuses an unknown project and a hash that exists", async ({ keys }, project) => {
      await expect(keys.create(newKey(project + 7, "h1"))).rejects.toThrow(RefusedError);
      await keys.create(newKey(project, "h1"));
      await expect(keys.create(newKey(project, "h1"))).rejects.toThrow(RefusedError);
    });

    it("a source has at most two live write keys", async ({ keys, projects, clock }, project) => {
      const first = await keys.create(writeKey(project, "h1"));
      await keys.create(writeKey(project, "h2", { expiresAt: iso(NOON + 1_000) }));
      await expect(keys.create(writeKey(project, "h3"))).rejects.toThrow(RefusedError);
      expect(await keys.findByHash("h3")).toBeUndefined();
      await keys.create(writeKey(project, "h4", { source: "app" }));
      await keys.create(newKey(project, "h5", { source: "web" }));
      const other = await projects.create("Other");
      await keys.create(writeKey(other.id, "h6"));
      await keys.revoke(first.id, iso(NOON));
      await keys.create(writeKey(project, "h7"));
      await expect(keys.create(writeKey(project, "h8"))).rejects.toThrow(RefusedError);
      clock.advance(1_000);
      await keys.create(writeKey(project, "h9"));
    });

    it("two live write keys stay two when created at once", async ({ keys }, project) => {
      const made = await Promise.allSettled(
        Array.from({ length: 6 }, (_, n) => keys.create(writeKey(project, `h${n}`))),
      );
      expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
      for (const each of made) {
        if (each.status === "rejected") expect(each.reason).toBeInstanceOf(RefusedError);
      }
    });

    it("lists in the order of creation, by project", async ({ keys, projects }, project) => {
      const other = await projects.create("Other");
      const made = [];
      for (let n = 0; n < 5; n++) {
        made.push(await keys.create(newKey(n === 2 ? other.id : project, `h${n}`)));
      }
      expect(await keys.list({ offset: 1, limit: 2 })).toEqual({
        count: 5,
        keys: made.slice(1, 3),
      });
      expect(await keys.list({ projectId: other.id, offset: 0, limit: 10 })).toEqual({
        count: 1,
        keys: [made[2]],
      });
      expect(await keys.list({ offset: 9, limit: 2 })).toEqual({ count: 5, keys: [] });
    });

    it("the first revocation's time stays", async ({ keys }, project) => {
      const { id } = await keys.create(newKey(project, "h1"));
      expect(await keys.revoke(id, iso(NOON + 1))).toMatchObject({ revokedAt: iso(NOON + 1) });
      expect(await keys.revoke(id, iso(NOON + 2))).toMatchObject({ revokedAt: iso(NOON + 1) });
      expect(await keys.findByHash("h1")).toMatchObject({ revokedAt: iso(NOON + 1) });
      expect(await keys.revoke(id + 1, iso(NOON))).toBeUndefined();
    });

    it("finds brought-along keys by prefix, none of its own", async ({ keys }, project) => {
      const legacy = (salt: string): string => `pbkdf2_sha256$870000$${salt}$aGFzaA==`;
      const first = await keys.create(newKey(project, legacy("a")));
      await keys.create(newKey(project, "h1"));
      await keys.create(newKey(project, legacy("b"), { prefix: "other_pr" }));
      const second = await keys.create(newKey(project, `django_${legacy("c")}`));
      expect(await keys.findLegacy("rctm_abc")).toEqual([
        { record: first, hash: legacy("a") },
        { record: second, hash: `django_${legacy("c")}` },
      ]);
      expect(await keys.findLegacy("h1")).toEqual([]);
      for (let n = 0; n < 9; n++) await keys.create(newKey(project, legacy(`more${n}`)));
      expect(await keys.findLegacy("rctm_abc")).toHaveLength(8);
    });

    it("remembers when it was last used", async ({ keys }, project) => {
      const { id } = await keys.create(newKey(project, "h1"));
      await keys.touch(id, iso(NOON + 2));
      await keys.touch(id, iso(NOON + 1));
      await keys.touch(id + 1, iso(NOON));
      expect((await keys.get(id))?.lastUsedAt).toBe(iso(NOON + 2));
    });
  });
}
