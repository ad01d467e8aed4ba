import { expect, it } from "vitest";

import { modelKinds } from "../registry.ts";
import { parameterIssues } from "./parameter-issues.ts";

it.each(Object.keys(modelKinds))("takes all that %s itself takes", (kind) => {
  expect(parameterIssues(kind, { ...modelKinds[kind]!.defaults })).toEqual([]);
  expect(parameterIssues(kind, { half_life_items: 5 })).toEqual([]);
});

it("says where each wrong parameter is, also within a part", () => {
  const paths = (kind: string, parameters: Record<string, unknown>) =>
    parameterIssues(kind, parameters).map(({ path }) => path);
  expect(paths("ease", { lambda: -1, dropout: 0.5, magic: 1 })).toEqual(["lambda", "magic"]);
  expect(paths("ease", { lambda: "many" })).toEqual(["lambda"]);
  expect(paths("ease", { half_life_items: -1 })).toEqual(["half_life_items"]);
  expect(paths("blend", { ease: { lambda: -1, x: 1 }, ials: 3, weight: 2 })).toEqual([
    "ease.lambda",
    "ease.x",
    "ials",
    "weight",
  ]);
});

it("knows what auto takes, and which kinds there are", () => {
  expect(parameterIssues("auto", { kinds: ["ease", "popular"] })).toEqual([]);
  expect(parameterIssues("auto", { kinds: ["magic"] })).toMatchObject([
    { path: "kinds", message: expect.stringContaining("no kind magic") },
  ]);
  expect(parameterIssues("auto", { lambda: 1 })).toMatchObject([{ path: "lambda" }]);
  expect(parameterIssues("constructor", {})).toMatchObject([{ path: "" }]);
});
