import { describe, expect, it } from "vitest";

import type { SignalEvent } from "../events/types.ts";
import { codeOf, feedbackEvent, normalise, only, track } from "./fixtures/events.ts";

describe("the rest of the event", () => {
  it("reads surveys, searches and exposures", () => {
    const survey = track("SURVEY_SUBMITTED", {
      survey_id: "s",
      answers: { diet: ["vegan"], n: Number.POSITIVE_INFINITY },
    });
    expect(only(survey)).toMatchObject({ kind: "survey", answers: { diet: ["vegan"], n: null } });
    expect(codeOf(track("SURVEY_SUBMITTED", { answers: "yes" }))).toBe(
      "dead_lettered INVALID_EVENT",
    );
    expect(only(track("Products Searched", { query: " hats " }))).toMatchObject({
      kind: "search",
      query: "hats",
    });
    expect(only(track("Products Searched", { query: { q: 1 } })).query).toBeUndefined();
    expect(only(track("Products Searched", { query: "q".repeat(5_000) })).query).toHaveLength(
      1_000,
    );
    const exposure = { experiment_id: "e-1", variation_id: "2", experiment_name: "Button" };
    expect(only(track("Experiment Viewed", exposure))).toMatchObject({
      kind: "exposed",
      experiment_id: "e-1",
      variation_index: 2,
    });
    expect(codeOf(track("Experiment Viewed", { experiment_id: "e-1", variation_id: "blue" }))).toBe(
      "dead_lettered INVALID_EVENT",
    );
  });

  it("keeps what the answer it reacts to said", () => {
    const said = {
      request_id: "r",
      slot_id: 3,
      experiment_id: "e",
      variation_index: 0,
      position: 4,
    };
    expect(
      only(track("Tip Served", { id: "i", ...said, impressions: ["i", 2, null, {}] })),
    ).toMatchObject({
      ...said,
      impressions: ["i", "2"],
    });
    const broken = {
      slot_id: 1.5,
      variation_index: -1,
      position: 0,
      request_id: {},
      value: "free",
    };
    const event = only(track("Tip Served", { id: "i", ...broken }));
    for (const field of Object.keys(broken)) expect(event).not.toHaveProperty(field);
  });

  it.each([
    [{ location: { lat: 52.1, lng: "9.9" } }, {}],
    [{}, { location: { latitude: 52.1, longitude: 9.9 } }],
    [{}, { geo: { location: "52.1,9.9", city: "" } }],
    [{}, { location: {}, geo: { lat: 52.1, lon: 9.9 } }],
  ])("reads a place from properties %j, context %j", (place, surroundings) => {
    const event = only(track("Tip Liked", { id: "i", ...place }, { context: surroundings }));
    expect(event.location).toEqual({ lat: 52.1, lon: 9.9 });
  });

  it("has no place where there is none", () => {
    for (const geo of [{ location: "" }, { location: "91,0" }, { location: "1,2,3" }, null, "x"]) {
      expect(only(track("Tip Liked", { id: "i" }, { context: { geo } })).location).toBeUndefined();
    }
  });

  it.each([
    [{ value: 12.5 }, 12.5],
    [{ revenue: "$1,299.00" }, 1_299],
    [{ total: "-5.25 EUR" }, -5.25],
    [{ price: 4, quantity: "3" }, 12],
    [{ value: "a lot" }, undefined],
    [{ value: Number.POSITIVE_INFINITY }, undefined],
  ])("reads the amount of %j", (properties, value) => {
    expect(only(track("Tip Liked", { id: "i", ...properties })).value).toBe(value);
  });

  it("tags bots, by flag and by user agent", () => {
    const withContext = (surroundings: unknown): SignalEvent =>
      only(feedbackEvent({ context: surroundings }));
    expect(withContext({ isBot: true }).is_bot).toBe(true);
    expect(withContext({ userAgent: "Some crawler/1.0" }).is_bot).toBe(true);
    expect(withContext({ user_agent: "Some crawler/1.0" }).is_bot).toBe(true);
    expect(withContext({ userAgent: "Mozilla/5.0" })).not.toHaveProperty("is_bot");
    expect(withContext({ isBot: "true", userAgent: 5 })).not.toHaveProperty("is_bot");
    expect(withContext("none")).not.toHaveProperty("is_bot");
  });

  it("says that it clamped", () => {
    const result = normalise(feedbackEvent({ timestamp: "2026-06-12T12:06:00Z" }));
    expect(result).toMatchObject({ verdict: "events", clamped: true });
  });
});
