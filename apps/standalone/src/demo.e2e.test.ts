import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { VISITORS } from "./simulator/visitors.ts";
import { eventually, removeDataDir, startChild, tempDataDir, type Child } from "./test-child.ts";

const DEMO = { SIGNALPATH_DEMO: "on" };
let dataDir: string;
let child: Child;
beforeAll(async () => {
  dataDir = await tempDataDir();
  child = await startChild(dataDir, DEMO);
}, 120_000);
afterAll(async () => {
  await child?.kill("SIGKILL");
  await removeDataDir(dataDir);
});

interface List {
  strategy: string;
  items: {
    item_id: string;
    contributions: Record<string, number>;
    reasons: { kind: string; text: string; evidence: string[] }[];
  }[];
  diagnostics: { space: string };
}

async function json<T>(path: string): Promise<T> {
  return (await (await child.get(path)).json()) as T;
}

async function itemIds(): Promise<string[]> {
  const page = await json<{ items: { item_id: string }[] }>("/api/content?limit=500");
  return page.items.map((item) => item.item_id);
}

async function eventsOfAll(): Promise<number> {
  const histories = await Promise.all(
    VISITORS.map(({ userId }) =>
      json<{ events?: unknown[] }>(`/api/usermodel/history?user_id=${userId}&limit=500`),
    ),
  );
  return histories.reduce((sum, history) => sum + (history.events?.length ?? 0), 0);
}

describe.sequential("the demo", () => {
  it("prints one curl whose answer is warm and says why", async () => {
    const [, key, url] = /curl -s -H 'X-API-Key: (\S+)' '(\S+)'/.exec(child.output()) ?? [];
    const response = await fetch(url ?? "", { headers: { "x-api-key": key ?? "" } });
    const list = (await response.json()) as List;
    expect(list.strategy).toBe("warm");
    expect(list.items).toHaveLength(3);
    for (const item of list.items) {
      expect(item.reasons.length).toBeGreaterThan(0);
      expect(item.reasons[0]?.text).not.toBe("");
    }
    expect(list.items.some((item) => item.item_id.startsWith("work-"))).toBe(true);
    // Vectors of the demo's own space speak in it.
    expect(list.diagnostics.space).toMatch(/^sp-tags-32-[0-9a-f]{12}$/);
    expect(list.items.some(({ contributions }) => (contributions["semantic"] ?? 0) > 0)).toBe(true);
  });

  it("has the sample catalogue and visitors whose events are all taken", async () => {
    expect(await itemIds()).toHaveLength(200);
    const before = await eventsOfAll();
    await eventually(async () => ((await eventsOfAll()) > before + 5 ? true : undefined));
    expect(await json("/api/dead-letters")).toEqual({ dead_letters: [], next: null });
  }, 60_000);

  it("keeps what a person edits or removes in the sample catalogue over a restart", async () => {
    const { url, api_key } = child.credentials;
    const headers = { "x-api-key": api_key, "content-type": "application/json" };
    const edited = { item_id: "energy-balcony-solar", title: "My own title", tags: [] };
    await fetch(`${url}/api/content`, {
      method: "PUT",
      headers,
      body: JSON.stringify({ items: [edited] }),
    });
    await fetch(`${url}/api/content/money-overdraft`, { method: "DELETE", headers });
    expect(await child.kill("SIGINT")).toBe(0);

    child = await startChild(dataDir, DEMO);
    const ids = await itemIds();
    expect(ids).toHaveLength(199);
    expect(ids).not.toContain("money-overdraft");
    expect(await json("/api/content/energy-balcony-solar")).toMatchObject({
      title: "My own title",
    });
    // Models live in memory: theirs is built anew, behind the readers of the experiments' history.
    await expect
      .poll(() => json("/api/recommend?user_id=mara&limit=3"))
      .toMatchObject({ strategy: "warm" });
    expect(child.output()).not.toContain("was imported");
  }, 120_000);

  it("ends its visitors with the process, at once and with exit 0", async () => {
    expect(await child.kill("SIGINT")).toBe(0);
    expect(child.output()).toContain("Stopped.");
    expect(child.output()).not.toContain("not everything closed");
  }, 60_000);
});
