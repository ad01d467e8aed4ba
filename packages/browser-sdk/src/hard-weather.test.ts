import { describe, expect, test } from "vitest";

import { createSignalpath, type SignalpathOptions } from "./client.ts";
import { createTestPage, failed, stored, type TestPage } from "./test-page.ts";

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

describe("hard weather", () => {
  test("ten minutes offline: back online it sends at once, whatever pause was left", async () => {
    const page = createTestPage();
    const client = open(page);
    page.answers.splice(0, 1, () => Promise.reject(new TypeError("offline")));
    client.react(ITEM, "like");
    await page.pass(600_000);
    page.answers.splice(0, 1, stored);
    page.fire("online");
    await page.pass(1);
    expect(client.stats()).toMatchObject({ sent: 1, queued: 0 });
  });

  test("a pause the door asked for holds also then, and no pause is longer than an hour", async () => {
    const page = createTestPage();
    const client = open(page);
    page.answers.unshift(() => failed(429, { "retry-after": "99999999" }));
    client.react(ITEM, "like");
    await page.pass(2_000);
    page.fire("online");
    await page.pass(3_590_000);
    expect(page.requests).toHaveLength(1);
    await page.pass(20_000);
    expect(client.stats()).toMatchObject({ sent: 1, queued: 0 });
  });

  test("an onError that throws does not end the sending", async () => {
    const page = createTestPage();
    page.answers.unshift(() => failed(503));
    const client = open(page, {
      onError: () => {
        throw new Error("the page's own");
      },
    });
    client.react(ITEM, "like");
    await expect(page.pass(2_000)).rejects.toThrow("the page's own");
    await page.pass(5_000);
    expect(client.stats()).toMatchObject({ sent: 1, queued: 0 });
  });

  test("hidden, then left: one request, not two", async () => {
    const page = createTestPage();
    const client = open(page, { flushAfterMs: 60_000 });
    client.react(ITEM, "like");
    page.fire("away");
    page.fire("leave");
    await page.pass(1);
    expect(page.requests).toHaveLength(1);
    expect(client.stats()).toMatchObject({ sent: 1, queued: 0 });
  });

  test("a list asked for as somebody else exposes nobody to its experiments", async () => {
    const page = createTestPage();
    const client = open(page);
    const experiments = [{ experiment_id: "e1", variation_index: 1 }];
    const items = [{ item_id: "t1", rank: 1, score: 1, reasons: [] }];
    page.answers.unshift(() => Response.json({ request_id: "r9", items, experiments }));
    const asked = client.recommend();
    client.identify("nora");
    const [item = ITEM] = (await asked).items;
    const card = element();
    client.observe(card, item);
    page.show(card, 1);
    await page.pass(5_000);
    expect(namesOf(page)).toContain("Tip Served");
    expect(namesOf(page)).not.toContain("Experiment Viewed");
  });

  test("of hundreds of cards that were drawn anew unseen, none is watched for ever", async () => {
    const page = createTestPage();
    const client = open(page);
    const first = { isConnected: false } as Element;
    client.observe(first, ITEM);
    for (let n = 0; n < 500; n++) client.observe(element(), { ...ITEM, item_id: `t${n}` });
    page.show(first, 1);
    await page.pass(5_000);
    expect(eventsOf(page)).toEqual([]);
  });

  test("ids that somebody broke in the storage are made anew", () => {
    const page = createTestPage();
    for (const broken of ["", "  ", "x".repeat(201)]) {
      page.storage.setItem("signalpath:anonymous-id", broken);
      page.storage.setItem("signalpath:user-id", broken);
      const { anonymousId, userId } = open(page).ids();
      expect(anonymousId).toMatch(/^id-\d+$/);
      expect(userId).toBeUndefined();
    }
  });
});
