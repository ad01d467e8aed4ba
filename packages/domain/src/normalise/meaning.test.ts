import { describe, expect, it } from "vitest";

import type { SignalEvent } from "../events/types.ts";
import { compileEventMap } from "./compile-event-map.ts";
import { codeOf, feedbackEvent, normalise, only, testContext, track } from "./fixtures/events.ts";
import { normaliseRudderStack } from "./rudderstack.ts";

describe("types and names", () => {
  it.each(["record", "audiencelist", "merge", "group", "dance", "", " "])(
    "ignores type %j",
    (type) => {
      const raw = feedbackEvent({ type, event: "" });
      expect(codeOf(raw)).toBe("ignored IGNORED_TYPE");
    },
  );

  it.each([7, {}, ["track"], true])("ignores a type that is no text: %j", (type) => {
    expect(codeOf(feedbackEvent({ type }))).toBe("ignored IGNORED_TYPE");
  });

  it("compares the type lower-cased and takes a named event without type for a track", () => {
    expect(only(feedbackEvent({ type: "TRACK" })).kind).toBe("feedback");
    expect(only(feedbackEvent({ type: undefined })).kind).toBe("feedback");
    expect(only(feedbackEvent({ type: null })).kind).toBe("feedback");
  });

  it.each(["Nothing We Know", "", null, 12, {}, ["Tip Done"], "constructor", "https://x.example/"])(
    "ignores the name %j",
    (name) => expect(codeOf(track(name, { id: 1 }))).toBe("ignored UNMAPPED_EVENT"),
  );

  it.each([
    ["Tip Served", { kind: "served" }],
    ["tip_done", { kind: "feedback", reaction: "done" }],
    ["TIP DISMISSED", { kind: "feedback", reaction: "dismiss" }],
    ["Tip Liked", { kind: "feedback", reaction: "like" }],
    ["Product Viewed", { kind: "viewed" }],
    ["Product Clicked", { kind: "feedback", reaction: "click" }],
    ["Product Added", { kind: "feedback", reaction: "like" }],
    ["Product Added to Wishlist", { kind: "feedback", reaction: "like" }],
    ["Order Completed", { kind: "feedback", reaction: "purchase" }],
    ["Product Removed", { kind: "feedback", reaction: "dislike" }],
    ["Order Refunded", { kind: "feedback", reaction: "dislike" }],
    ["Order Cancelled", { kind: "feedback", reaction: "dislike" }],
  ])("%s is %j", (name, expected) => {
    expect(only(track(name, { product_id: "p" }))).toMatchObject(expected);
  });

  it("a page or screen is a view when it names an item", () => {
    const page = { type: "page", event: undefined, properties: { content_id: "c-1" } };
    expect(only(feedbackEvent(page))).toMatchObject({ kind: "viewed", item_id: "c-1" });
    expect(codeOf(feedbackEvent({ type: "Screen", properties: { path: "/" } }))).toBe(
      "ignored NO_ITEM",
    );
  });

  it("follows a project's own map", () => {
    const compiled = compileEventMap({
      version: 2,
      events: {
        "Recipe Cooked": { kind: "feedback", reaction: "done" },
        "Profile Saved": { kind: "identified" },
      },
    });
    if (!compiled.ok) throw new Error("map refused");
    const own = testContext({ eventMap: compiled.map });
    expect(normaliseRudderStack(track("recipe-cooked", { id: "r" }), own).verdict).toBe("events");
    expect(normaliseRudderStack(feedbackEvent(), own)).toMatchObject({ code: "UNMAPPED_EVENT" });
    const saved = normaliseRudderStack(track("Profile Saved", { diet: "vegan" }), own);
    expect(saved.verdict === "events" && saved.events[0]?.traits).toEqual({ diet: "vegan" });
  });
});

describe("feedback, views, ratings", () => {
  it("reads reactions by any of their words", () => {
    expect(only(track("Tip Feedback", { id: "i", reaction: "Dismissed" })).reaction).toBe(
      "dismiss",
    );
    expect(only(track("Tip Feedback", { id: "i", rating: "4.5" }))).toMatchObject({
      reaction: "rating",
      rating: 4.5,
    });
  });

  it.each([{ id: "i" }, { id: "i", reaction: "sparkle" }, { id: "i", reaction: 5 }])(
    "puts feedback without a known reaction aside: %j",
    (properties) => {
      expect(codeOf(track("Tip Feedback", properties))).toBe("dead_lettered INVALID_EVENT");
    },
  );

  it("puts a review without a rating from 1 to 5 aside", () => {
    expect(only(track("Product Reviewed", { sku: "s", rating: 2 }))).toMatchObject({
      reaction: "rating",
      rating: 2,
    });
    for (const rating of [undefined, 0, 6, "great", null]) {
      expect(codeOf(track("Product Reviewed", { sku: "s", rating }))).toBe(
        "dead_lettered INVALID_EVENT",
      );
    }
  });

  it("reads how long a view took and how it ended", () => {
    const started = only(track("CONTENT_VIEW_STARTED", { tip_id: "t" }));
    expect([started.kind, started.end_reason, started.dwell_ms]).toEqual([
      "viewed",
      undefined,
      undefined,
    ]);
    const ended = (properties: object): SignalEvent =>
      only(track("CONTENT_VIEW_ENDED", { tip_id: "t", ...properties }));
    expect(ended({ dwell_seconds: 1.5, end_reason: "next_button" })).toMatchObject({
      dwell_ms: 1_500,
      end_reason: "next",
    });
    expect(ended({ dwell_ms: "250", end_reason: "ABANDONED" })).toMatchObject({
      dwell_ms: 250,
      end_reason: "abandon",
    });
    expect(ended({ dwell_ms: -4, end_reason: "?" }).dwell_ms).toBeUndefined();
    // A view that ended for a reason we do not know has ended all the same.
    expect(ended({ end_reason: "?" }).end_reason).toBe("close");
  });
});

describe("items", () => {
  it("takes the first usable id by precedence", () => {
    const all = { product_id: 1, sku: 2, content_id: 3, item_id: 4, tip_id: 5, id: 6 };
    const names = Object.keys(all);
    names.forEach((_, index) => {
      const properties = Object.fromEntries(Object.entries(all).slice(index));
      expect(only(track("Tip Liked", properties)).item_id).toBe(`${index + 1}`);
    });
    expect(only(track("Tip Liked", { product_id: {}, sku: "", id: "x" })).item_id).toBe("x");
  });

  it.each([undefined, null, "text", [], {}, { id: "" }, { id: { a: 1 } }, { id: "x".repeat(201) }])(
    "has no item in %j",
    (properties) => expect(codeOf(track("Tip Liked", properties))).toBe("ignored NO_ITEM"),
  );

  it("fans an order out into one event a product, each with its own amount", () => {
    const result = normalise(
      track("Order Completed", {
        order_id: "o",
        id: "o",
        total: 100,
        products: [
          { product_id: "a", price: "$12.50", quantity: 2, position: "1" },
          null,
          { note: "no id" },
          { sku: 77, value: 3 },
        ],
      }),
    );
    expect(result.verdict === "events" && result.events).toMatchObject([
      { event_id: "m-1#0", item_id: "a", value: 25, position: 1, reaction: "purchase" },
      { event_id: "m-1#1", item_id: "77", value: 3 },
    ]);
    expect(result).toMatchObject({ messageId: "m-1" });
  });

  it.each([{}, [], null, [1, "a", null], [{ name: "no id" }]])(
    "survives products %j",
    (products) => {
      expect(codeOf(track("Order Completed", { products }))).toBe("ignored NO_ITEM");
      expect(only(track("Order Completed", { products, sku: "s" })).event_id).toBe("m-1");
    },
  );

  it("keeps the ids of the parts within 200 characters", () => {
    const messageId = "m".repeat(199);
    const properties = { products: [{ id: "a" }, { id: "b" }] };
    const result = normalise(track("Order Completed", properties, { messageId }));
    const ids = result.verdict === "events" ? result.events.map((event) => event.event_id) : [];
    expect(ids.map((id) => id.length)).toEqual([45, 45]);
    expect(new Set(ids).size).toBe(2);
  });

  it("does not repeat the list that was shown for each of its items", () => {
    const impressions = ["a", "b"];
    const result = normalise(
      track("Tip Served", { products: [{ id: "a" }, { id: "b" }], impressions }),
    );
    expect(result.verdict === "events" && result.events.map((event) => event.impressions)).toEqual([
      undefined,
      undefined,
    ]);
    expect(only(track("Tip Served", { id: "a", impressions })).impressions).toEqual(impressions);
  });

  it("does not multiply one event without end", () => {
    const products = Array.from({ length: 1_001 }, (_, id) => ({ id }));
    expect(codeOf(track("Order Completed", { products }))).toBe("dead_lettered EVENT_TOO_LARGE");
  });
});
