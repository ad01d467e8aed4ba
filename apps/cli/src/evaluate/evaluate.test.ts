import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runCli } from "../app.ts";
import { EXIT } from "../exit-codes.ts";
import { createTestIo } from "../test-server.ts";
import type { EvaluationReport } from "./evaluate.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-evaluate-"));
});
afterEach(() => rm(dir, { recursive: true }));

/** Two tastes that share nothing but one hit: neighbours tell them apart, popularity cannot. */
function ratings(head: string): string {
  const lines = [head];
  let time = 1_700_000_000;
  for (let at = 0; at < 10; at++) {
    for (let user = 0; user < 40; user++) {
      const item = (user % 2) * 100 + ((user * 7 + at) % 15);
      lines.push(`u${user},${item},${1 + (at % 5)},${(time += 60)}`);
    }
  }
  for (let user = 0; user < 40; user++) lines.push(`u${user},999,5,${(time += 60)}`);
  return lines.join("\n");
}

async function run(...args: string[]) {
  const io = createTestIo();
  const code = await runCli(["evaluate", ...args, "--threads", "1"], io);
  return { code, out: io.stdout(), err: io.stderr() };
}

async function reportOf(...args: string[]): Promise<EvaluationReport> {
  const { code, out, err } = await run(...args, "--json");
  expect(code, err).toBe(EXIT.ok);
  return JSON.parse(out) as EvaluationReport;
}

async function file(): Promise<string> {
  const path = join(dir, "rows.csv");
  await writeFile(path, ratings("user_id,item_id,weight,timestamp"));
  return path;
}

describe("signalpath evaluate", () => {
  it("measures kinds on one split and finds the one that can tell tastes apart", async () => {
    const report = await reportOf(await file(), "--split", "A", "--kinds", "popular,item-knn");
    expect(report).toMatchObject({ rows: 440, users: 40, items: 31, weights: "file" });
    expect(report.split).toMatchObject({ name: "A", train_rows: 360, test_rows: 80 });
    const [popular, knn] = report.kinds;
    expect(popular?.kind).toBe("popular");
    expect(knn?.metrics["ndcg@20"]).toBeGreaterThan(popular?.metrics["ndcg@20"] ?? 1);
    for (const { metrics, intervals, segments } of report.kinds) {
      const [low, high] = intervals["ndcg@20"] ?? [1, 0];
      expect(low).toBeLessThanOrEqual(metrics["ndcg@20"] ?? -1);
      expect(high).toBeGreaterThanOrEqual(metrics["ndcg@20"] ?? 2);
      expect(segments.map(({ entries, users }) => [entries, users])).toEqual([["1-9", 40]]);
      expect(metrics["coverage@20"]).toBeGreaterThan(0);
    }
  });

  it("tells nobody the times of rows where any may be held out", async () => {
    const path = await file();
    const fading = ["--candidate", 'item-knn{"half_life_items":1}', "--candidate", "item-knn"];
    const bySplit = async (split: string) =>
      (await reportOf(path, "--split", split, ...fading)).kinds.map(({ metrics }) => metrics);
    for (const split of ["A", "random"]) {
      const [faded, plain] = await bySplit(split);
      expect(faded).toEqual(plain);
    }
    const [faded, plain] = await bySplit("B");
    expect(faded).not.toEqual(plain);
  });

  it("gives the same numbers for the same seed, and searches on validation only", async () => {
    const path = await file();
    const args = [path, "--split", "B", "--kinds", "item-knn", "--tune", "4", "--seed", "3"];
    const numbers = ({ kinds }: EvaluationReport) =>
      kinds.map((one) => ({ ...one, train_seconds: 0, score_ms_per_user: 0 }));
    const first = await reportOf(...args);
    expect(numbers(await reportOf(...args))).toEqual(numbers(first));
    expect(first.kinds[0]?.validation).toMatchObject({ failed: 0 });
    expect(first.kinds[0]?.validation?.trials).toBe(4);
    const plain = await reportOf(path, "--split", "B", "--kinds", "item-knn", "--tune", "1");
    expect(first.kinds[0]?.validation?.["ndcg@20"]).toBeGreaterThanOrEqual(
      plain.kinds[0]?.validation?.["ndcg@20"] ?? 1,
    );
  });

  it("searches the same whatever is held out", async () => {
    const validationOf = async (text: string) => {
      const path = join(dir, "some.csv");
      await writeFile(path, text);
      const kinds = ["--kinds", "popular,item-knn", "--tune", "3"];
      const report = await reportOf(path, "--split", "leave-last-n", ...kinds);
      return report.kinds.map(({ validation, parameters }) => ({ validation, parameters }));
    };
    const rows = ratings("user_id,item_id,weight,timestamp").split("\n");
    // The last two of eleven rows of everybody are held out.
    const others = rows.map((row, at) => {
      const [user, , weight, time] = row.split(",");
      return at <= 9 * 40 ? row : `${user},${1_000 + at},${weight},${time}`;
    });
    expect(await validationOf(others.join("\n"))).toEqual(await validationOf(rows.join("\n")));
    const before = rows.with(40, rows[40]!.replace(/,\d+,/, ",7777,"));
    expect(await validationOf(before.join("\n"))).not.toEqual(await validationOf(rows.join("\n")));
  });

  it("reads a MovieLens folder, and its tables fit 80 columns", async () => {
    await mkdir(join(dir, "ml"));
    await writeFile(join(dir, "ml", "ratings.csv"), ratings("userId,movieId,rating,timestamp"));
    const { code, out } = await run(join(dir, "ml"), "--kinds", "popular,rp3beta", "--tune", "2");
    expect(code).toBe(EXIT.ok);
    expect(out).toContain("440 rows, 40 people, 31 items");
    const tables = out.split("\n").filter((line) => /[│┌├└]/.test(line));
    expect(tables.length).toBeGreaterThan(9);
    expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("compares sets of parameters person by person, and writes a page that needs nothing", async () => {
    const page = join(dir, "page.html");
    const near = ["--candidate", 'item-knn{"neighbours":1}'];
    const args = ["--split", "A", "--kinds", "popular,item-knn", ...near, "--html", page];
    const report = await reportOf(await file(), ...args);
    expect(report.kinds.map(({ name }) => name)).toEqual(["popular", "item-knn", "item-knn 2"]);
    expect(report.kinds[2]?.parameters).toMatchObject({ neighbours: 1 });
    expect(report.differences).toMatchObject([
      { first: "item-knn", second: "popular", verdict: "ahead" },
      { first: "item-knn 2", second: "popular" },
      { first: "item-knn 2", second: "item-knn" },
    ]);
    for (const { mean, interval } of report.differences) {
      expect(interval[0]).toBeLessThanOrEqual(mean);
      expect(interval[1]).toBeGreaterThanOrEqual(mean);
    }
    const html = await readFile(page, "utf8");
    expect(html.match(/<svg /g)?.length).toBeGreaterThanOrEqual(8);
    expect(html.match(/<svg /g)).toHaveLength(html.match(/<desc /g)?.length ?? 0);
    expect(html).not.toMatch(/(?:src|href)=|https?:|@import|url\(/);
  });

  it("checks that the page can be written before it reads a row, and makes no file for that", async () => {
    const { err } = await run(join(dir, "none.csv"), "--html", join(dir, "none", "x.html"));
    expect(err).toContain("x.html cannot be written");
    await run(join(dir, "none.csv"), "--html", join(dir, "x.html"));
    expect(await readdir(dir)).toEqual([]);
  });

  it("prints the report also where the page could not be written after all", async () => {
    const page = join(dir, "page.html");
    // Leads nowhere, which only who writes learns.
    await symlink(join(dir, "none", "x.html"), page);
    const args = ["--split", "A", "--kinds", "popular", "--html", page];
    const { code, out, err } = await run(await file(), ...args);
    expect(code).toBe(EXIT.usage);
    expect(out).toContain("440 rows, 40 people, 31 items");
    expect(err).toMatch(/^USAGE: .*page\.html cannot be written: ENOENT.*\n$/);
  });

  it("synthesize writes what evaluate reads", async () => {
    const path = join(dir, "planted.csv.gz");
    const io = createTestIo();
    const sizes = ["--users", "60", "--items", "40", "--interactions", "900", "--groups", "4"];
    expect(await runCli(["synthesize", path, ...sizes], io)).toBe(EXIT.ok);
    const report = await reportOf(path, "--split", "random", "--kinds", "popular,item-knn");
    expect(report).toMatchObject({ rows: 900, users: 60, items: 40 });
    const [popular, knn] = report.kinds.map(({ metrics }) => metrics["ndcg@20"] ?? 0);
    expect(knn).toBeGreaterThan((popular ?? 1) * 1.2);
    const bad = createTestIo();
    expect(await runCli(["synthesize", path, "--items", "5"], bad)).toBe(EXIT.usage);
    expect(await runCli(["synthesize", join(dir, "a.txt")], bad)).toBe(EXIT.usage);
  });

  it("says in one line what is wrong", async () => {
    const path = await file();
    const bad = join(dir, "bad.csv");
    await writeFile(bad, "user_id,item_id,weight\nu,i,1\nu,,1\n");
    const untimed = join(dir, "untimed.csv");
    await writeFile(untimed, "user_id,item_id\nu,i\nv,i\n");
    for (const [args, text] of [
      [[path, "--kinds", "magic"], "USAGE: no kind magic"],
      [[bad], `VALIDATION_FAILED: ${bad}: 1 bad rows of 2; `],
      [[dir], `USAGE: ${dir}: it has no ratings.csv`],
      [[path, "--html", join(dir, "none", "x.html")], "x.html cannot be written: ENOENT"],
      [[path, "--html", dir], "cannot be written: it is a folder"],
      [[path, "--html", join(path, "x.html")], "x.html cannot be written: ENOTDIR"],
      [[untimed, "--split", "time"], "USAGE: split time needs a time"],
      [[untimed, "--split", "random"], "USAGE: split random leaves nobody"],
      [[join(dir, "none.csv")], "cannot be read"],
      [[path, "--split", "C"], "Allowed choices are A, B"],
      [[path, "--memory", "64", "--kinds", "ease", "--tune", "-1"], "a whole number from 0"],
    ] as const) {
      const { code, err, out } = await run(...args);
      expect(code).toBe(EXIT.usage);
      expect(err).toContain(text);
      expect(out).toBe("");
    }
  });

  it("stops on Ctrl-C", async () => {
    const io = createTestIo();
    io.stop.abort();
    const path = await file();
    expect(await runCli(["evaluate", path, "--kinds", "ease", "--threads", "1"], io)).toBe(
      EXIT.interrupted,
    );
    expect(io.stderr()).toContain("INTERRUPTED");
  });
});
