import { describe, expect, test } from "vitest";

import { createSignalpath, type SignalpathOptions } from "./client.ts";
import { createTestPage, failed, stored, type TestPage } from "./test-page.ts";
import type { SignalpathError } from "./types.ts";

const ENDPOINT = "https://signals.example.com";
const ITEM = { item_id: "t1", request_id: "r1", position: 1 };
const element = () => ({}) as Element;

function open(page: TestPage, options: Partial<SignalpathOptions> = {}) {
  return createSignalpath({
    endpoint: `${ENDPOINT}/`,
    key: "rctm_public",
    surroundings: page.surroundings,
    ...options,
  });
}
const eventsOf = (page: TestPage) => page.requests.flatMap(({ batch }) => batch);
const namesOf = (page: TestPage) => eventsOf(page).map((event) => event.event ?? "identify");

describe("impressions", () => {
  test("half of it for a second counts, once for an item and request", async () => {
    const page = createTestPage();
    const client = open(page);
    const card = element();
    client.observe(card, ITEM);
    page.show(card, 0.49);
    await page.pass(5_000);
    page.show(card, 0.5);
    await page.pass(999);
    expect(client.stats().queued).toBe(0);
    await page.pass(1_001);
    const again = element();
    client.observe(again, ITEM);
    page.show(again, 1);
    await page.pass(5_000);
    expect(eventsOf(page)).toMatchObject([
      { event: "Tip Served", messageId: "served:r1:t1", properties: ITEM },
    ]);
    expect(page.requests[0]).toMatchObject({
      url: `${ENDPOINT}/api/ingest`,
      headers: { "x-api-key": "rctm_public" },
    });
  });

  test("scrolled away or hidden before the second is over: not seen", async () => {
    const page = createTestPage();
    const client = open(page);
    const card = element();
    client.observe(card, ITEM);
    page.show(card, 1);
    await page.pass(900);
    page.show(card, 0.1);
    await page.pass(3_000);
    page.show(card, 1);
    await page.pass(900);
    page.fire("away");
    await page.pass(10_000);
    expect(eventsOf(page)).toEqual([]);
    page.fire("back");
    await page.pass(2_000);
    expect(namesOf(page)).toEqual(["Tip Served"]);
  });

  test("an element taller than the window counts when it fills half of it", async () => {
    const page = createTestPage();
    const client = open(page);
    const tall = element();
    client.observe(tall, ITEM);
    page.show(tall, 0.2, 2_000);
    await page.pass(2_000);
    expect(namesOf(page)).toEqual(["Tip Served"]);
  });
});

test("an exposure is told with the first item that is seen, and once", async () => {
  const page = createTestPage();
  const client = open(page);
  const items = [1, 2].map((rank) => ({ item_id: `t${rank}`, rank, score: 1, reasons: [] }));
  const experiments = [{ experiment_id: "e1", variation_index: 1 }];
  page.answers.unshift(() => Response.json({ request_id: "r9", items, experiments }));
  const list = await client.recommend({ limit: 2, near: { lat: 1, lon: 2 } });
  expect(page.requests[0]?.url).toContain("user_id=id-0&limit=2&include_content=true&near_lat=1");
  expect(list.items[1]).toMatchObject({ request_id: "r9", position: 2 });
  await page.pass(10_000);
  expect(eventsOf(page)).toEqual([]);
  for (const item of list.items) {
    const card = element();
    client.observe(card, item);
    page.show(card, 1);
  }
  await page.pass(5_000);
  expect(namesOf(page)).toEqual(["Experiment Viewed", "Tip Served", "Tip Served"]);
  expect(eventsOf(page)[0]?.properties).toMatchObject(experiments[0] ?? {});
});

describe("views", () => {
  test("time behind another tab does not count; leaving ends it and one request outlives the page", async () => {
    const page = createTestPage();
    const client = open(page, { flushAfterMs: 60_000 });
    client.view(ITEM);
    await page.pass(3_000);
    page.fire("away");
    await page.pass(40_000);
    page.fire("back");
    await page.pass(2_000);
    page.fire("leave");
    const last = page.requests.at(-1);
    expect(last?.keepalive).toBe(true);
    expect(last?.batch.at(-1)).toMatchObject({
      event: "Content View Ended",
      properties: { dwell_ms: 5_000, end_reason: "close", request_id: "r1" },
    });
  });

  test("a view ends once", async () => {
    const page = createTestPage();
    const client = open(page);
    const view = client.view(ITEM);
    view.end("next");
    view.end("close");
    await page.pass(2_000);
    expect(namesOf(page)).toEqual(["Content View Started", "Content View Ended"]);
  });
});

describe("delivery", () => {
  test("no network: nothing is lost, pauses double, ids stay the same", async () => {
    const page = createTestPage();
    const errors: SignalpathError[] = [];
    const client = open(page, { onError: (error) => errors.push(error) });
    page.answers.splice(0, 1, () => Promise.reject(new TypeError("offline")));
    client.react(ITEM, "like");
    await page.pass(20_000);
    // At 1 s, and then after 1, 2, 4 and 8 s.
    expect(page.requests).toHaveLength(5);
    expect(new Set(eventsOf(page).map((event) => event.messageId)).size).toBe(1);
    expect(errors[0]?.code).toBe("NO_ANSWER");
    page.answers.splice(0, 1, stored);
    await page.pass(600_000);
    expect(client.stats()).toEqual({ sent: 1, queued: 0, dropped: 0, refused: 0 });
  });

  test("the door says when to come back, and is not asked before", async () => {
    const page = createTestPage();
    const client = open(page);
    page.answers.unshift(() => failed(503, { "retry-after": "30" }));
    client.react(ITEM, "like");
    await page.pass(1_500);
    await client.flush();
    await page.pass(28_000);
    expect(page.requests).toHaveLength(1);
    await page.pass(5_000);
    expect(client.stats()).toMatchObject({ sent: 1, queued: 0 });
  });

  test("what is refused for good leaves the queue and is counted; too large comes in halves", async () => {
    const page = createTestPage();
    const client = open(page);
    page.answers.unshift(
      () => failed(413),
      stored,
      () => failed(400),
      stored,
    );
    for (const reaction of ["like", "done", "share", "click"] as const)
      client.react(ITEM, reaction);
    await page.pass(5_000);
    expect(page.requests[0]?.batch).toHaveLength(4);
    expect(page.requests[1]?.batch).toHaveLength(2);
    expect(client.stats()).toMatchObject({ queued: 0 });
    expect(client.stats().sent + client.stats().refused).toBe(4);
    expect(client.stats().refused).toBeGreaterThan(0);
  });

  test("the next page sends what this one could not", async () => {
    const first = createTestPage();
    first.answers.splice(0, 1, () => failed(401));
    const before = open(first);
    before.react(ITEM, "like");
    await first.pass(5_000);
    before.close();
    const second = createTestPage(first.storage);
    open(second);
    await second.pass(2_000);
    expect(eventsOf(second)[0]?.messageId).toBe(eventsOf(first)[0]?.messageId);
  });

  test("a list that is refused says why", async () => {
    const page = createTestPage();
    page.answers.unshift(() => failed(403));
    const asked = open(page).recommend();
    await expect(asked).rejects.toMatchObject({ status: 403, code: "SOME_CODE", message: "why" });
  });
});

describe("identity and consent", () => {
  test("the visitor is the same on the next page, the user too; reset begins anew", () => {
    const page = createTestPage();
    const client = open(page);
    const { anonymousId } = client.ids();
    client.identify("nora", { plan: "free" });
    const next = open(createTestPage(page.storage, "next"));
    expect(next.ids()).toEqual({ anonymousId, userId: "nora" });
    next.reset();
    expect(next.ids().anonymousId === anonymousId).toBe(false);
    expect(next.ids().userId).toBeUndefined();
  });

  test("without consent nothing is sent and nothing is kept; given later it counts from then", async () => {
    const page = createTestPage();
    const client = open(page, { consent: "denied" });
    client.react(ITEM, "like");
    client.view(ITEM).end();
    client.identify("nora");
    await page.pass(60_000);
    expect(page.requests).toEqual([]);
    expect(page.storage.length).toBe(0);
    client.setConsent("granted");
    client.react(ITEM, "done");
    expect(page.storage.length).toBeGreaterThan(0);
    await page.pass(2_000);
    expect(namesOf(page)).toEqual(["Tip Feedback"]);
    const { anonymousId } = client.ids();
    client.react(ITEM, "like");
    client.setConsent("denied");
    expect(page.storage.length).toBe(0);
    expect(client.ids().anonymousId === anonymousId).toBe(false);
  });
});
