import { setTimeout as sleep } from "node:timers/promises";

import { RefusedError, UnavailableError } from "@signalpath/ports";
import { describe, expect, test } from "vitest";

import type { Db } from "./db.ts";
import { guard, transact } from "./guard.ts";

/** What drizzle throws: its own error with the parameters, and the driver's as its cause. */
function failed(code: string | undefined, message = "driver says"): Error {
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  return new Error("Failed query: insert ... params: secret@example.com", { cause });
}

const fails = (error: unknown) =>
  guard(async () => {
    throw error;
  });

describe("guard", () => {
  test.each(["22003", "22021", "23505", "23514", "54000"])("%s is refused", async (code) => {
    await expect(fails(failed(code))).rejects.toThrow(RefusedError);
  });

  test.each(["08006", "40001", "40P01", "53300", "55P03", "57014", "57P01", "58030"])(
    "%s is unavailable",
    async (code) => {
      await expect(fails(failed(code))).rejects.toThrow(UnavailableError);
    },
  );

  test.each(["ECONNREFUSED", "ECONNRESET", "EPIPE", "EPERM", undefined])(
    "a broken connection (%s) is unavailable",
    async (code) => {
      await expect(fails(failed(code))).rejects.toMatchObject({
        name: "UnavailableError",
        dependency: "postgres",
      });
    },
  );

  test("a fault in the statement or the program stays what it is", async () => {
    await expect(fails(failed("42P01", "no such table"))).rejects.toMatchObject({ code: "42P01" });
    await expect(fails(new TypeError("fault"))).rejects.toThrow(TypeError);
    const refused = new RefusedError("as it was");
    await expect(fails(refused)).rejects.toBe(refused);
  });

  test("no parameter reaches the message", async () => {
    for (const code of ["57P01", undefined]) {
      await expect(fails(failed(code))).rejects.toThrow(/^driver says$/);
    }
  });

  test("a refusal, which callers are told, has a text of ours", async () => {
    for (const code of ["22001", "22003", "22021", "22P02", "22P05", "23505", "23514", "54000"]) {
      const error: unknown = await fails(failed(code, 'value "secret" in table')).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(RefusedError);
      expect((error as Error).message).not.toMatch(/secret|table/);
    }
  });
});

describe("transact", () => {
  /** A database whose transactions fail as told, one after the other. */
  function failing(codes: string[]): { db: Db; tries: () => number } {
    let tries = 0;
    const transaction = async (): Promise<string> => {
      await sleep(0);
      const code = codes[tries++];
      if (code !== undefined) throw failed(code);
      return "done";
    };
    return { db: { transaction } as unknown as Db, tries: () => tries };
  }

  test("tries again after a deadlock or a conflict", async () => {
    const { db, tries } = failing(["40P01", "40001"]);
    expect(await transact(db, async () => "unused")).toBe("done");
    expect(tries()).toBe(3);
  });

  test("gives up after five, and never repeats what was refused", async () => {
    const stuck = failing(Array.from({ length: 9 }, () => "40001"));
    await expect(transact(stuck.db, async () => "")).rejects.toThrow(UnavailableError);
    expect(stuck.tries()).toBe(5);
    const refused = failing(["23505"]);
    await expect(transact(refused.db, async () => "")).rejects.toThrow(RefusedError);
    expect(refused.tries()).toBe(1);
  });
});
