import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";

import { ServiceError } from "@signalpath/contracts";
import type { TrainingRow } from "@signalpath/ports";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { openTrainingFile, trainingFileFormat } from "./open-training-file.ts";

type Options = Parameters<typeof openTrainingFile>[1];

/** The file cut into pieces of `size` bytes. */
function cut(bytes: Uint8Array, size = 7): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size)
    pieces.push(Buffer.from(bytes.subarray(at, at + size)));
  return Readable.from(pieces);
}

async function read(file: string | Uint8Array, options: Options, size?: number) {
  const bytes = typeof file === "string" ? Buffer.from(file) : file;
  const { columns, batches } = await openTrainingFile(cut(bytes, size), options);
  const rows: TrainingRow[] = [];
  for await (const batch of batches) rows.push(...batch);
  return { columns, rows };
}

async function refusal(file: string | Uint8Array, options: Options, size?: number) {
  const error: unknown = await read(file, options, size).catch((thrown: unknown) => thrown);
  if (!(error instanceof ServiceError)) throw error;
  return error;
}

const AT = Date.UTC(2026, 5, 12, 12);

describe("training files", () => {
  it.each<[string, Options["format"], string]>([
    [
      "csv",
      "csv",
      '\uFEFFuserId,movieId,rating,timestamp\r\nu1,i1,4.5,1781265600\r\n\r\nü,"a,""b",1,2026-06-12 12:00\r\n',
    ],
    [
      "tsv",
      "tsv",
      'timestamp\tITEM_ID\tuser\tweight\n1781265600000\ti1\tu1\t4.5\n2026-06-12T14:00:00+02:00\ta,"b\tü\t1',
    ],
    [
      "json",
      "json",
      `[{"user_id":"u1","item_id":"i1","value":4.5,"ts":1781265600},{"user_id":"ü","item_id":"a,\\"b","value":"1","ts":"2026-06-12T12:00:00Z","more":{}}]`,
    ],
    [
      "jsonl",
      "jsonl",
      `{"user_id":"u1","item_id":"i1","value":4.5,"ts":1781265600}\n\n{"ts":1781265600000,"user_id":"ü","item_id":"a,\\"b","value":1}`,
    ],
  ])("%s, gzip or not, however it is cut", async (_name, format, text) => {
    for (const bytes of [Buffer.from(text), gzipSync(text)]) {
      for (const size of [1, 7, 1_000]) {
        expect(await read(bytes, { format }, size)).toEqual({
          columns: ["user_id", "item_id", "weight", "timestamp"],
          rows: [
            { user_id: "u1", item_id: "i1", weight: 4.5, time: AT },
            { user_id: "ü", item_id: 'a,"b', weight: 1, time: AT },
          ],
        });
      }
    }
  });

  it("without weight and time; a table without a header; columns the sender names", async () => {
    expect(await read("item_id,user_id\n1,2\n", { format: "csv" })).toEqual({
      columns: ["user_id", "item_id"],
      rows: [{ user_id: "2", item_id: "1", weight: 1 }],
    });
    expect(await read("196\t242\t3\t881250949\n", { format: "tsv" })).toEqual({
      columns: ["user_id", "item_id", "weight", "timestamp"],
      rows: [{ user_id: "196", item_id: "242", weight: 3, time: 881_250_949_000 }],
    });
    const named = { format: "csv", columns: { user_id: "who", item_id: "what" } } as const;
    expect((await read("what,who,item_id\na,b,c\n", named)).rows).toEqual([
      { user_id: "b", item_id: "a", weight: 1 },
    ]);
  });

  it("names every bad row by its line and counts them all", async () => {
    const error = await refusal(
      "user_id,item_id,rating,timestamp\nu,i,1,0\n,i,1,0\nu\nu,i,x,0\nu,i,0,0\nu,i,1,yesterday\nu,i,1e-50,0\n",
      { format: "csv" },
    );
    expect(error).toMatchObject({ code: "VALIDATION_FAILED" });
    expect(error.message).toBe("6 bad rows of 7, nothing was stored");
    expect(error.issues).toEqual([
      { path: "3.user_id", message: "empty" },
      { path: "4.item_id", message: "missing" },
      { path: "5.weight", message: "not a number above 0" },
      { path: "6.weight", message: "not a number above 0" },
      { path: "7.timestamp", message: expect.stringMatching(/^not a time/) },
      { path: "8.weight", message: "not a number above 0" },
    ]);
    const many = `user_id,item_id\n${"u,\n".repeat(5_000)}`;
    const counted = await refusal(many, { format: "csv" }, 10_000);
    expect(counted.message).toContain("5000 bad rows");
    expect(counted.issues).toHaveLength(100);
  });

  it.each<[string, Options["format"], string]>([
    ["no item_id column", "csv", "user_id,thing\nu,i\n"],
    ["two columns", "csv", "user_id,userId,item_id\nu,v,i\n"],
    ["Quote", "csv", 'user_id,item_id\n"u,i\n'],
    ["not valid JSON", "jsonl", '{"user_id":"u","item_id":"i"}\n{"user_id":\n'],
    ["not an object", "jsonl", '{"user_id":"u","item_id":"i"}\n[1]\n'],
    ["longer than", "jsonl", `{"user_id":"u","item_id":"${"i".repeat(70_000)}"}`],
  ])("says what is wrong: %s", async (message, format, text) => {
    const error = await refusal(text, { format }, 4_096);
    expect(error.code).toBe("VALIDATION_FAILED");
    expect(error.issues?.[0]?.message).toContain(message);
  });

  it.each<[Options["format"], string | Uint8Array]>([
    ["csv", ""],
    ["csv", "user_id,item_id\n"],
    ["jsonl", "\n\n"],
    ["json", "[]"],
    ["json", '{"user_id": "u"}'],
    ["json", "nonsense"],
    ["csv", Buffer.from([0x75, 0xff, 0xfe, 0x0a])],
    ["csv", gzipSync("user_id,item_id\nu,i\n").subarray(0, 30)],
  ])("%s that is no file of rows: %j", async (format, file) => {
    expect(await refusal(file, { format })).toMatchObject({ code: "VALIDATION_FAILED" });
  });

  it("stops at its limits, also inside a small file that unpacks to a large one", async () => {
    const bomb = gzipSync(`user_id,item_id\n${"u,i\n".repeat(5_000_000)}`);
    expect(bomb.length).toBeLessThan(100_000);
    const options = { format: "csv", maxBytes: 1_000_000 } as const;
    expect(await refusal(bomb, options, 65_536)).toMatchObject({ code: "BODY_TOO_LARGE" });
    const plain = Buffer.from(`user_id,item_id\n${"u,i\n".repeat(9)}`);
    expect(await refusal(plain, { format: "csv", maxRows: 8 })).toMatchObject({
      code: "BODY_TOO_LARGE",
    });
    expect((await read(plain, { format: "csv", maxRows: 9 })).rows).toHaveLength(9);
    expect(await refusal(plain, { format: "csv", maxBytes: 40 })).toMatchObject({
      code: "BODY_TOO_LARGE",
    });
  });

  it("gives back any rows written as JSON lines", async () => {
    const id = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 50 })
      .filter((text) => text === text.trim() && !text.includes("\0"));
    const row = fc.record({
      user_id: id,
      item_id: id,
      weight: fc.float({ min: Math.fround(1e-6), max: Math.fround(1e6), noNaN: true }),
      time: fc.integer({ min: 1e11, max: 4e12 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const text = rows.map((each) => JSON.stringify(each)).join("\n");
        expect((await read(text, { format: "jsonl" }, 5)).rows).toEqual(rows);
      }),
      { numRuns: 40 },
    );
  });

  it("knows formats by name", () => {
    expect(trainingFileFormat("a.b.CSV.gz")).toBe("csv");
    expect(trainingFileFormat("x.ndjson.gzip")).toBe("jsonl");
    for (const name of ["x.gz", "x", "csv", "x.parquet", ""]) {
      expect(trainingFileFormat(name)).toBeUndefined();
    }
  });
});

describe("nothing of a row is dropped or bent without a word", () => {
  const at = async (file: string, format: Options["format"]) =>
    (await refusal(file, { format })).issues;

  it("cells beyond the first row's, unless they are empty", async () => {
    expect(await at("user_id,item_id\nu1,a,b\n", "csv")).toEqual([
      { path: "2", message: "3 cells where the first row has 2" },
    ]);
    const { rows } = await read("user_id,item_id\nu1,a,, \n", { format: "csv" });
    expect(rows).toEqual([{ user_id: "u1", item_id: "a", weight: 1 }]);
  });

  it("a weight or time that only later records have", async () => {
    const lines = '{"user_id":"a","item_id":"b"}\n{"user_id":"a","item_id":"b","rating":5}\n';
    const issue = { path: "2", message: "rating, which the first record does not have" };
    expect(await at(lines, "jsonl")).toEqual([issue]);
  });

  it("numeric ids beyond 2^53", async () => {
    const [issue] = (await at('[{"user_id":12345678901234567890,"item_id":1}]', "json")) ?? [];
    expect(issue?.path).toBe("1.user_id");
    const { rows } = await read('[{"user_id":"12345678901234567890","item_id":1}]', {
      format: "json",
    });
    expect(rows[0]?.user_id).toBe("12345678901234567890");
  });

  it("days that are none", async () => {
    for (const day of ["2024-02-30", "2023-02-29", "2024-04-31T10:00:00Z", "2024-13-01"]) {
      const [issue] = (await at(`user_id,item_id,timestamp\nu,i,${day}\n`, "csv")) ?? [];
      expect(issue?.path).toBe("2.timestamp");
    }
    const { rows } = await read("user_id,item_id,timestamp\nu,i,2024-02-29\n", { format: "csv" });
    expect(rows[0]?.time).toBe(Date.UTC(2024, 1, 29));
  });
});
