import { expect, test } from "vitest";

import { createListMemo } from "./list-memo.ts";

const row = (sha256: string) => ({ model_id: 1, project_id: 1, version: 1, sha256, file: "f" });
const items = (...ids: string[]) => ids.map((item_id) => ({ item_id, score: 1 }));

test("a list is made once a version, user and length; of nobody known too", () => {
  const memo = createListMemo();
  const made: string[] = [];
  const ask = (sha256: string, user: string, k: number) =>
    memo.list(row(sha256), user, k, () => {
      made.push(`${sha256} ${user} ${k}`);
      return user === "nobody" ? undefined : items(`${sha256}${user}${k}`);
    });
  expect(ask("a", "u", 1)).toEqual(items("au1"));
  expect(ask("a", "u", 1)).toEqual(items("au1"));
  expect(ask("b", "u", 1)).toEqual(items("bu1"));
  expect(ask("a", "u", 2)).toEqual(items("au2"));
  // Ids that look like another's key.
  expect(ask("a", "1:u", 2)).toEqual(items("a1:u2"));
  expect(ask("a", "nobody", 1)).toBeUndefined();
  expect(ask("a", "nobody", 1)).toBeUndefined();
  expect(made).toEqual(["a u 1", "b u 1", "a u 2", "a 1:u 2", "a nobody 1"]);
});

test("long lists are not kept, and what is kept has an end", () => {
  const memo = createListMemo();
  let made = 0;
  const ask = (user: string, k: number, length: number) =>
    memo.list(row("a"), user, k, () => {
      made += 1;
      return items(...Array.from({ length }, (_, at) => `${at}`));
    });
  ask("u", 101, 101);
  ask("u", 101, 101);
  expect(made).toBe(2);
  for (let at = 0; at < 2_100; at++) ask(`u${at}`, 100, 100);
  made = 0;
  ask("u2099", 100, 100);
  expect(made).toBe(0);
  ask("u0", 100, 100);
  expect(made).toBe(1);
});
