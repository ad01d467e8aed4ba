import { expect, it } from "vitest";

import { CliError } from "../exit-codes.ts";
import { entrantsOf, issueOf } from "./entrants.ts";

it("takes kinds with and without parameters, and numbers those that come again", () => {
  expect(entrantsOf([" ease", 'ease{"lambda":100}', 'ials {"factors":8}'])).toEqual([
    { name: "ease", kind: "ease", parameters: {} },
    { name: "ease 2", kind: "ease", parameters: { lambda: 100 } },
    { name: "ials", kind: "ials", parameters: { factors: 8 } },
  ]);
  expect(() => entrantsOf(["ease{lambda:100}"])).toThrow(CliError);
});

it("says what is wrong with one before anything is read", () => {
  expect(issueOf({ kind: "magic", parameters: {} })).toContain("no kind magic");
  expect(issueOf({ kind: "ease", parameters: { lambda: -1 } })).toContain("ease, lambda: ");
  expect(issueOf({ kind: "ease", parameters: { lambda: 1 } })).toBeUndefined();
});
