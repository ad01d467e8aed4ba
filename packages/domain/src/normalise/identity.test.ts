import { describe, expect, it } from "vitest";

import { idText, namedId, personId, readIdentity } from "./identity.ts";

describe("namedId", () => {
  it("is no id that a URL cannot carry", () => {
    for (const id of [".", " .. "]) {
      expect(namedId(id)).toBeUndefined();
      expect(personId(id)).toBeUndefined();
      // A message may have it: nobody is asked for by it.
      expect(idText(id)).toBe(id.trim());
    }
    expect(namedId(" ... ")).toBe("...");
  });
});

describe("idText", () => {
  it("trims, cleans and turns numbers into text", () => {
    expect(idText("  a\0b ")).toBe("ab");
    expect(idText(912_535)).toBe("912535");
    expect(idText(0)).toBe("0");
    expect(idText(-0)).toBe("0");
  });

  it.each([undefined, null, true, {}, [], ["a"], "", "   ", "\0", Number.POSITIVE_INFINITY])(
    "has no id for %j",
    (value) => expect(idText(value)).toBeUndefined(),
  );

  it("never cuts: 200 characters are an id, 201 are none", () => {
    expect(idText("x".repeat(200))).toHaveLength(200);
    expect(idText("x".repeat(201))).toBeUndefined();
    expect(idText(`  ${"x".repeat(200)}  `)).toHaveLength(200);
  });
});

describe("personId", () => {
  it.each([
    "null",
    "NULL",
    " Undefined ",
    "none",
    "NaN",
    "0",
    0,
    "true",
    "False",
    "anonymous",
    "Guest",
    "[object Object]",
    "00000000-0000-0000-0000-000000000000",
    "000000000000",
  ])("refuses the placeholder %j", (value) => expect(personId(value)).toBeUndefined());

  it("keeps real ids, also those that contain a placeholder", () => {
    for (const id of ["alice", "guest-17", "nullable", "10", "a@b.example", "0x1"]) {
      expect(personId(id)).toBe(id);
    }
  });
});

describe("readIdentity", () => {
  it("reads both spellings and falls to the alias when the first is unusable", () => {
    expect(readIdentity({ userId: "u", anonymousId: "a", previousId: "p" })).toEqual({
      user_id: "u",
      anonymous_id: "a",
      previous_id: "p",
    });
    expect(readIdentity({ userId: "", user_id: "u2", anonymous_id: 7 })).toEqual({
      user_id: "u2",
      anonymous_id: "7",
    });
    expect(readIdentity({ userId: { id: "u" }, anonymousId: null })).toEqual({});
  });

  it("reads own properties only", () => {
    const inherited = Object.create({ userId: "from the prototype" }) as Record<string, unknown>;
    expect(readIdentity(inherited)).toEqual({});
  });
});
