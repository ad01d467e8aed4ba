import { learningStatus, recommendResponse, type RecommendResponse } from "@signalpath/contracts";
import { startApp, type AppProcess } from "@signalpath/stack/app-process.ts";
import { startStack, type AppName, type Stack } from "@signalpath/stack/stack.ts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

import { describeWithBinaries } from "./describe.ts";

const SOON = { timeout: 60_000, interval: 100 };
/** Of ten places each: as many as end a learner's cold start. */
const LISTS = 8;
const APPS: readonly AppName[] = ["ingest-webhook", "recommender", "management-api", "experiments"];

describeWithBinaries("learning on the real stack", () => {
  let stack: Stack;
  let second: AppProcess;

  beforeAll(async () => {
    stack = await startStack(APPS);
    second = await startApp("experiments", stack.env);
  }, 180_000);
  afterAll(async () => {
    await second?.kill("SIGTERM");
    await stack?.stop();
  }, 60_000);

  async function ask(app: AppName, method: string, path: string, body?: object, key = "api") {
    const { api, admin, write } = stack.keys;
    const answer = await fetch(`${stack.apps[app].url}${path}`, {
      method,
      headers: {
        "x-api-key": { api, admin, write }[key] ?? "",
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as unknown;
  }
  const listOf = async (user: string) =>
    recommendResponse.parse(await ask("recommender", "GET", `/api/recommend?user_id=${user}`));
  const status = async () =>
    learningStatus.parse(await ask("management-api", "GET", "/api/v1/learning/"));
  const send = (batch: object[]) =>
    ask("ingest-webhook", "POST", "/api/ingest", { batch }, "write");

  /** Every item seen, every other one done; told by `userId`. */
  function reportOf({ request_id, items }: RecommendResponse, userId: string): object[] {
    return items.flatMap(({ item_id }, at) =>
      ["Tip Served", ...(at % 2 === 0 ? ["Tip Feedback"] : [])].map((event) => ({
        type: "track",
        event,
        messageId: `${event}-${userId}-${request_id}-${item_id}`,
        userId,
        anonymousId: `device-of-${userId}`,
        properties: { item_id, request_id, ...(event === "Tip Feedback" && { reaction: "done" }) },
      })),
    );
  }

  it("lists, impressions and feedback become weights: once, from their own user alone", async () => {
    const items = Array.from({ length: 40 }, (_, n) => ({
      item_id: `t${n}`,
      title: `Item ${n}`,
      tags: [{ facet: "theme", label: `theme ${n % 8}` }],
      published_at: new Date(Date.now() - (n + 1) * 43_200_000).toISOString(),
    }));
    await ask("management-api", "PUT", "/api/content", { items });
    await ask("management-api", "PUT", "/api/v1/learning/policy/", { mode: "bandit" }, "admin");
    await vi.waitFor(async () => {
      const { diagnostics, items: shown } = await listOf("probe");
      expect({ mode: diagnostics.ranking, n: shown.length }).toEqual({ mode: "bandit", n: 10 });
    }, SOON);
    const lists: RecommendResponse[] = [];
    for (let n = 0; n < LISTS; n++) lists.push(await listOf(`u${n}`));
    const batch = lists.flatMap((list, n) => reportOf(list, `u${n}`));
    const forged = lists.flatMap((list) => reportOf(list, "thief"));
    const half = batch.length >> 1;
    await send(forged);
    await send(batch.slice(0, half));
    // What it held comes again, to its twin or to itself.
    await stack.apps.experiments.kill("SIGKILL");
    await send(batch.slice(half));
    await stack.apps.experiments.start();
    await send(batch);
    await send(
      forged.map((event) => ({
        ...event,
        messageId: `again-${JSON.stringify(event)}`.slice(0, 200),
      })),
    );
    const shown = lists.reduce((sum, list) => sum + list.items.length, 0);
    const done = lists.reduce((sum, list) => sum + Math.ceil(list.items.length / 2), 0);
    await vi.waitFor(async () => {
      const { updates, mean_reward } = await status();
      expect({ updates, done: Math.round(mean_reward * updates) }).toEqual({
        updates: shown,
        done,
      });
    }, SOON);
    const learned = await status();
    expect(learned).toMatchObject({ mode: "bandit", status: "learning" });
    expect(learned.decisions).toBeGreaterThanOrEqual(LISTS);
    expect(learned.weights.some(({ shift }) => shift !== 0)).toBe(true);
    // From now on lists explore.
    await vi.waitFor(async () => {
      const { items: next, diagnostics } = await listOf("u0");
      expect(diagnostics.degraded).toEqual([]);
      expect(next.some(({ explored }) => explored)).toBe(true);
    }, SOON);
  }, 240_000);
});
