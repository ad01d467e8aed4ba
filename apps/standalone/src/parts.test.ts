import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { subjects } from "@signalpath/contracts";
import type { UserKey } from "@signalpath/domain";
import {
  createMemoryCatalogue,
  RefusedError,
  type ModelAnswer,
  type TouchedOwner,
} from "@signalpath/ports";
import { createLogger } from "@signalpath/service-kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { mergeProbes, pathnameOf } from "./edge.ts";
import { importSample } from "./import-sample.ts";
import { openLogFile } from "./log-file.ts";
import { startWarmUp } from "./warm-up.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-parts-"));
});
afterEach(() => rm(dir, { recursive: true }));

describe("pathnameOf", () => {
  it.each([
    ["http://h:1/api/content?x=/y", "/api/content"],
    ["http://h/#a", "/"],
    ["http://h", "/"],
    ["http://h/api/content/a%2Fb", "/api/content/a%2Fb"],
  ])("of %s is %s", (url, path) => expect(pathnameOf(url)).toBe(path));
});

describe("mergeProbes", () => {
  it("asks both of a name and is down when either is", async () => {
    const up = { name: "bus", check: async () => {} };
    const down = {
      name: "bus",
      check: async () => {
        throw new Error("down");
      },
    };
    const merged = mergeProbes([{ probes: [up] }, { probes: [down, { ...up, name: "store" }] }]);
    expect(merged.map((probe) => probe.name)).toEqual(["bus", "store"]);
    await expect(merged[0]?.check()).rejects.toThrow("down");
    await expect(merged[1]?.check()).resolves.toBeUndefined();
  });
});

describe("openLogFile", () => {
  it("starts over behind its size and keeps one old file", async () => {
    const path = join(dir, "log");
    const log = openLogFile(path, 100);
    for (let i = 0; i < 50; i++) log.write(`line ${i}\n`);
    await log.close();
    expect((await stat(path)).size).toBeLessThanOrEqual(110);
    expect(await readFile(`${path}.1`, "utf8")).toContain("line");
    expect(await readFile(path, "utf8")).toContain("line 49");
  });
});

describe("importSample", () => {
  it("imports once; what is there or was removed stays so", async () => {
    const catalogue = createMemoryCatalogue();
    const own = { item_id: "work-cocoa-wages", title: "Mine", tags: [] };
    await catalogue.put(1, [own]);
    const marker = join(dir, "marker");
    const first = await importSample(catalogue, 1, marker, 1_780_000_000_000);
    expect(first).toEqual({ status: "imported", items: 199 });
    expect(await catalogue.get(1, ["work-cocoa-wages"])).toMatchObject([{ title: "Mine" }]);
    await catalogue.remove(1, ["money-overdraft"]);
    const second = await importSample(catalogue, 1, marker, 1_790_000_000_000);
    expect(second).toEqual({ status: "kept" });
    expect(await catalogue.get(1, ["money-overdraft"])).toEqual([]);
  });

  it("says so when the project's vectors have another length, and may try again", async () => {
    const catalogue = {
      get: async () => [],
      put: async () => {
        throw new RefusedError("vectors of this project have 384 numbers");
      },
    };
    const result = await importSample(catalogue, 1, join(dir, "marker"), 0);
    expect(result).toMatchObject({ status: "refused", reason: expect.stringContaining("384") });
  });
});

describe("startWarmUp", () => {
  const owner = (name: string): TouchedOwner => ({
    projectId: 1,
    owner: name as UserKey,
    userId: name,
    keys: [name as UserKey],
  });

  function world(people: { name: string; agoMs: number }[]) {
    const asked: string[] = [];
    let clock = 1_780_000_000_000;
    const start = clock;
    return {
      asked,
      deps: {
        reader: {
          touchedSince: async (sinceMs: number) =>
            people.filter(({ agoMs }) => start - agoMs >= sinceMs).map(({ name }) => owner(name)),
        },
        models: {
          get: async (key: UserKey): Promise<ModelAnswer> =>
            asked.includes(key) ? { status: "unchanged" } : { status: "absent" },
        },
        bus: {
          publish: async (_subject: typeof subjects.userRefreshRequested, payload: unknown) => {
            asked.push((payload as { user_id: string }).user_id);
            return { duplicate: false };
          },
        } as never,
        now: () => clock,
        sleep: async (ms: number) => void (clock += ms),
        logger: createLogger({ service: "test", level: "silent" }),
        signal: new AbortController().signal,
      },
    };
  }

  it("asks for everybody of 30 days once, the most recently active first", async () => {
    const day = 24 * 3_600_000;
    const { asked, deps } = world([
      { name: "old", agoMs: 20 * day },
      { name: "week", agoMs: 3 * day },
      { name: "now", agoMs: 60_000 },
      { name: "gone", agoMs: 40 * day },
      { name: "today", agoMs: 5 * 3_600_000 },
    ]);
    const warmUp = startWarmUp(deps);
    await warmUp.done;
    expect(asked).toEqual(["now", "today", "week", "old"]);
    expect(warmUp.built()).toBe(4);
  });

  it("goes on without a person whose model never comes, and ends when told to", async () => {
    const { deps, asked } = world([{ name: "a", agoMs: 1 }]);
    const never = { get: async (): Promise<ModelAnswer> => ({ status: "absent" }) };
    const stuck = startWarmUp({ ...deps, models: never });
    await stuck.done;
    expect(stuck.built()).toBe(0);
    asked.length = 0;
    await startWarmUp({ ...deps, signal: AbortSignal.abort() }).done;
    expect(asked).toEqual([]);
  });
});
