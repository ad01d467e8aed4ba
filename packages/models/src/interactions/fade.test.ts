import { describe, expect, it } from "vitest";

import { buildInteractions } from "./build.ts";
import { decayInteractions } from "./decay.ts";
import { fadeAsAsked, fadedCandidate } from "./fade.ts";
import type { Interactions } from "./types.ts";

const row = (item_id: string, time: number) => ({ user_id: "u", item_id, weight: 1, time });
const timed = buildInteractions([row("a", 1), row("b", 2), row("c", 3)]);
const { times: _, ...rest } = timed;
const untimed: Interactions = rest;

describe("half_life_items", () => {
  it("fades rows with times, and is none of the kind's own parameters", () => {
    const { data, own, fading } = fadeAsAsked(timed, { lambda: 3, half_life_items: 2 });
    const expected = decayInteractions(timed, { half_life_items: 2, floor: 0.08 });
    expect(data.matrix.values).toEqual(expected.matrix.values);
    expect(own).toEqual({ lambda: 3 });
    expect(fading).toEqual({ half_life_items: 2 });
  });

  it.each([
    [timed, {}],
    [timed, { half_life_items: 0 }],
    [untimed, { half_life_items: 2 }],
  ])("changes and records nothing without times or wish", (data, parameters) => {
    expect(fadeAsAsked(data, parameters)).toEqual({ data, own: {}, fading: {} });
  });

  it.each([-1, Number.NaN, 10_001, "5", null])("of %j is refused", (half_life_items) => {
    const fade = () => fadeAsAsked(timed, { half_life_items });
    expect(fade).toThrow(expect.objectContaining({ code: "PARAMETERS_INVALID" }));
  });
});

it("what won is tried with weights that fade, unless it fades or cannot", () => {
  const won = { kind: "ease", parameters: { lambda: 3 } };
  expect(fadedCandidate(won)).toEqual({
    kind: "ease",
    parameters: { lambda: 3, half_life_items: 5 },
  });
  expect(fadedCandidate({ ...won, kind: "popular" })).toBeUndefined();
  const decided = { ...won, parameters: { half_life_items: 0 } };
  expect(fadedCandidate(decided)).toBeUndefined();
});
