import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fieldsOfText } from "./fields-of-text.ts";

/** The same by parsing. */
function parsed(text: string): object {
  const value = JSON.parse(text) as Record<string, unknown>;
  const { project_id: project } = value;
  const isProject = Number.isInteger(project) && (project as number) > 0;
  const ids = ["event_id", "user_id", "anonymous_id"].filter(
    (name) => typeof value[name] === "string",
  );
  return {
    ...(isProject && (project as number) < 2 ** 31 ? { project_id: project } : {}),
    ...Object.fromEntries(ids.map((name) => [name, value[name]])),
  };
}

const NAMES = ["project_id", "event_id", "user_id", "anonymous_id", "traits", '"', "\\", "é"];
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('","project_id":9,"', "\\", '\\"', "{", "}]", "\u2028", "\ud800"),
  fc.integer(),
  fc.integer({ min: 1, max: 5 }),
  fc.jsonValue(),
);
const object = fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), value), { selector: ([k]) => k });

describe("ids of a text", () => {
  test("are those that parsing finds, whatever else is in it and however it is spaced", () => {
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, "\t"), (members, space) => {
        const nested = Object.fromEntries([["project_id", 77], ...members]);
        const text = JSON.stringify(
          Object.fromEntries([...members, ["deep", nested]]),
          null,
          space,
        );
        expect(fieldsOfText(text)).toEqual(parsed(text));
      }),
      { numRuns: 500 },
    );
  });

  test("names may be escaped and given twice", () => {
    const text = String.raw`{"user\u005fid": "a", "user_id": "b\u00e9\n\/", "project_id": 3}`;
    expect(fieldsOfText(text)).toEqual({ project_id: 3, user_id: "bé\n/" });
    expect(fieldsOfText('{"user_id": "a", "user_id": {"project_id": 4}}')).toEqual({});
    expect(fieldsOfText('{"user_id": "a", "user_id": null}')).toEqual({});
  });

  test("in front of a cut are found, a value that is cut is not", () => {
    const text = JSON.stringify({ event_id: "e1", project_id: 12, user_id: "u1", query: "x" });
    const whole = { event_id: "e1", project_id: 12, user_id: "u1" };
    for (let end = 0; end <= text.length; end++) {
      // Every id that is found is the whole one.
      expect(whole).toMatchObject(fieldsOfText(text.slice(0, end)));
    }
    expect(fieldsOfText(text.slice(0, -5))).toEqual(whole);
    expect(fieldsOfText(text.slice(0, text.indexOf("2")))).toEqual({ event_id: "e1" });
  });

  test.each(["", "[]", '[{"user_id": "a"}]', '"user_id"', "null", "7", "}", '{"user_id"', "{:,"])(
    "%s has none",
    (text) => expect(fieldsOfText(text)).toEqual({}),
  );
});
