import { createServer } from "node:http";
import { access, readFile, stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { deriveVector } from "@signalpath/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  eventually,
  removeDataDir,
  runToExit,
  startChild,
  tempDataDir,
  type Child,
} from "./test-child.ts";

interface List {
  strategy: string;
  items: { item_id: string; reasons: { text: string }[] }[];
}

const THEMES = ["garden", "trains"];
const ITEMS = THEMES.flatMap((theme) =>
  Array.from({ length: 12 }, (_, i) => {
    const item = {
      item_id: `${theme}-${i}`,
      title: `About ${theme}, part ${i}`,
      tags: [{ facet: "theme", label: theme }],
    };
    return { ...item, vector: deriveVector(item, 32) };
  }),
);

function like(user: string, item: string, id: string): unknown {
  return {
    type: "track",
    event: "Tip Liked",
    messageId: id,
    userId: user,
    timestamp: new Date().toISOString(),
    properties: { item_id: item },
  };
}

let dataDir: string;
let child: Child;
beforeAll(async () => {
  dataDir = await tempDataDir();
  child = await startChild(dataDir);
}, 120_000);
afterAll(async () => {
  await child?.kill("SIGKILL");
  await removeDataDir(dataDir);
});

async function recommend(user: string): Promise<List> {
  const response = await child.get(`/api/recommend?user_id=${user}&limit=5`);
  expect(response.status).toBe(200);
  return (await response.json()) as List;
}

async function historyOf(user: string): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await child.get(`/api/usermodel/history?user_id=${user}&limit=500${more}`);
    const page = (await response.json()) as { events: { event_id: string }[]; next: string | null };
    for (const event of page.events) ids.add(event.event_id);
    cursor = page.next;
  } while (cursor !== null);
  return ids;
}

// One process after the other on one data dir: each test finds what the one before has left.
describe.sequential("standalone", () => {
  it("is ready with keys only its owner can read, its pid and one port for everything", async () => {
    expect((await child.get("/readyz")).status).toBe(200);
    expect((await stat(join(dataDir, "credentials.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, "secret"))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(dataDir, "pid"), "utf8")).trim()).toBe(String(child.pid));
    expect(child.credentials).toMatchObject({ project_id: 1 });
    const document = (await (await child.get("/openapi.json")).json()) as { paths: object };
    for (const path of ["/api/ingest", "/api/recommend", "/api/content", "/api/rebuild"]) {
      expect(Object.keys(document.paths)).toContain(path);
    }
    expect(await (await child.get("/")).text()).toContain("/docs");
    expect(await (await child.get("/metrics")).text()).toContain("http_server_request_duration");
    expect((await child.get("/docs/swagger-ui.css")).status).toBe(200);
    expect((await child.get("/livez")).status).toBe(200);
  });

  it.each(["/api/unknown", "/inference/unknown", "/api/v1/unknown"])(
    "answers %s as JSON 404",
    async (path) => {
      const response = await child.get(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: "NOT_FOUND" });
    },
  );

  it("gives each key its scope and nothing more", async () => {
    const { url, write_key, api_key, admin_key } = child.credentials;
    expect((await child.get("/api/recommend?user_id=u", write_key)).status).toBe(401);
    expect((await child.get("/api/v1/api_keys/", api_key)).status).toBe(403);
    expect((await child.get("/api/v1/api_keys/", admin_key)).status).toBe(200);
    expect((await fetch(`${url}/api/ingest`, { method: "POST", body: "[]" })).status).toBe(401);
  });

  it("follows what a person likes", async () => {
    const put = await fetch(`${child.credentials.url}/api/content`, {
      method: "PUT",
      headers: { "x-api-key": child.credentials.api_key, "content-type": "application/json" },
      body: JSON.stringify({ items: ITEMS }),
    });
    expect(await put.json()).toMatchObject({ upserted: ITEMS.length });
    const cold = await eventually(async () => {
      const list = await recommend("ada");
      return list.items.length > 0 ? list : undefined;
    });
    expect(cold.strategy).toBe("cold");
    const events = [like("ada", "garden-0", "l1"), like("ada", "garden-1", "l2")];
    expect(await (await child.send(events)).json()).toMatchObject({ accepted: 2 });
    const warm = await eventually(async () => {
      const list = await recommend("ada");
      return list.strategy === "warm" ? list : undefined;
    });
    expect(warm.items[0]?.item_id).toMatch(/^garden-/);
    expect(warm.items[0]?.reasons.map((reason) => reason.text)).toContain("You like garden");
    expect(warm.items.map((item) => item.item_id)).not.toContain("garden-0");
  });

  it("loses no acknowledged event to kill -9, and knows it again after the restart", async () => {
    const acknowledged = new Set<string>();
    let sent = 0;
    const kill = new AbortController();
    const senders = Array.from({ length: 6 }, async () => {
      while (!kill.signal.aborted) {
        const id = `k${sent++}`;
        const item = ITEMS[sent % ITEMS.length]?.item_id ?? "";
        const response = await child.send(like("victim", item, id)).catch(() => undefined);
        if (response?.ok !== true) continue;
        const body = (await response.json().catch(() => undefined)) as
          | { accepted: number }
          | undefined;
        if (body?.accepted === 1) acknowledged.add(id);
      }
    });
    await eventually(async () => (acknowledged.size >= 150 ? true : undefined));
    await child.kill("SIGKILL");
    kill.abort();
    await Promise.all(senders);

    const before = child.credentials;
    child = await startChild(dataDir);
    expect({ ...child.credentials, url: "" }).toEqual({ ...before, url: "" });
    const kept = await historyOf("victim");
    expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
    expect((await recommend("ada")).strategy).toBe("warm");
    const again = await child.send(
      [...acknowledged].slice(0, 50).map((id) => like("victim", "garden-0", id)),
    );
    expect(await again.json()).toMatchObject({ accepted: 0, duplicates: 50 });
  }, 180_000);

  it("refuses a second process on its data dir, naming the lock", async () => {
    const exit = await runToExit({ SIGNALPATH_DATA_DIR: dataDir, SIGNALPATH_DEMO: "off" });
    expect(exit.code).toBe(78);
    expect(exit.output).toContain("lock");
    expect(exit.output).toContain(String(child.pid));
    expect((await child.get("/readyz")).status).toBe(200);
  }, 60_000);

  it("drains at SIGINT with exit 0 and comes back with keys, data and warm lists", async () => {
    const before = child.credentials;
    const list = await recommend("ada");
    expect(await child.kill("SIGINT")).toBe(0);
    await expect(access(join(dataDir, "pid"))).rejects.toThrow("ENOENT");
    child = await startChild(dataDir);
    expect({ ...child.credentials, url: "" }).toEqual({ ...before, url: "" });
    const after = await recommend("ada");
    expect(after.strategy).toBe("warm");
    expect(after.items.map((item) => item.item_id).toSorted()).toEqual(
      list.items.map((item) => item.item_id).toSorted(),
    );
  }, 120_000);

  it("says that its port is taken, with exit 1", async () => {
    expect(await child.kill("SIGTERM")).toBe(0);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const env = { PORT: String(port), SIGNALPATH_DATA_DIR: dataDir, SIGNALPATH_DEMO: "off" };
    const exit = await runToExit(env);
    other.close();
    expect(exit.code).toBe(1);
    expect(exit.output).toContain(`127.0.0.1:${port} is taken`);
  }, 60_000);

  it("does not start in production unless embedded stores are allowed", async () => {
    const elsewhere = join(dataDir, "production");
    const exit = await runToExit({ NODE_ENV: "production", SIGNALPATH_DATA_DIR: elsewhere });
    expect(exit.code).toBe(78);
    expect(exit.output).toContain("SIGNALPATH_ALLOW_EMBEDDED");
    await expect(access(elsewhere)).rejects.toThrow("ENOENT");
  });
});
