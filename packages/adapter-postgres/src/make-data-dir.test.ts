import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";

import { rowsOf } from "./db.ts";
import { openPglite } from "./open-pglite.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "signalpath-make-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a directory is made whole, past what an ended process left of one, and opens again", async () => {
  await mkdir(join(folder, "db.draft"));
  await writeFile(join(folder, "db.draft/PG_VERSION"), "half");
  const first = await openPglite(join(folder, "db"));
  await first.db.execute(sql`create table kept as select 7 as n`);
  await first.close();
  expect(await readdir(folder)).toEqual(["db"]);

  const second = await openPglite(join(folder, "db"));
  expect(await rowsOf(second.db, sql`select n from kept`)).toEqual([{ n: 7 }]);
  await second.close();
}, 120_000);

test("a directory of something else is left alone, and the lock given back", async () => {
  await mkdir(join(folder, "db"));
  await writeFile(join(folder, "db/letter.txt"), "mine");
  await expect(openPglite(join(folder, "db"))).rejects.toMatchObject({ code: "ENOTEMPTY" });
  expect(await readdir(join(folder, "db"))).toEqual(["letter.txt"]);
  expect(await readdir(folder)).not.toContain("db.lock");
}, 120_000);
