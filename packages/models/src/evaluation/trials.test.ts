import { describe, expect, it } from "vitest";

import { trialsOf } from "./trials.ts";

const parametersOf = (
  parameters: Readonly<Record<string, unknown>>,
  { timed, trials }: { timed: boolean; trials: number },
) =>
  trialsOf({ kind: "ease", parameters, tune: { trials }, seed: 1 }, { timed }).map(
    (one) => one.parameters,
  );

describe("candidates of ease", () => {
  it("try the strict diagonal beside the default before anything is drawn", () => {
    const [first, second, ...drawn] = parametersOf({}, { timed: false, trials: 6 });
    expect(first).toEqual({});
    expect(second).toEqual({ diagonal_limit: 0 });
    expect(drawn).toHaveLength(4);
  });

  it("let it fade where rows have times", () => {
    expect(parametersOf({ lambda: 100 }, { timed: true, trials: 3 })).toEqual([
      { lambda: 100 },
      { lambda: 100, half_life_items: 5 },
      { lambda: 100, half_life_items: 5, diagonal_limit: 0 },
    ]);
  });

  it("leave alone what was given, and make no more than was asked for", () => {
    const given = { diagonal_limit: 0.1 };
    for (const one of parametersOf(given, { timed: false, trials: 5 })) {
      expect(one).toMatchObject(given);
    }
    expect(parametersOf({}, { timed: false, trials: 1 })).toEqual([{}]);
  });
});
