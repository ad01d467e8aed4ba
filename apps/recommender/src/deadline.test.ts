import { UnavailableError } from "@signalpath/ports";
import { expect, test } from "vitest";

import { withDeadline } from "./deadline.ts";

test("an answer in time passes, a failure too", async () => {
  expect(await withDeadline(Promise.resolve(1), 1_000, "store")).toBe(1);
  const failed = Promise.reject(new Error("broken"));
  await expect(withDeadline(failed, 1_000, "store")).rejects.toThrow("broken");
});

test("no answer is the dependency's fault", async () => {
  const never = new Promise<never>(() => {});
  const error: unknown = await withDeadline(never, 1, "store").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnavailableError);
  expect(error).toMatchObject({ dependency: "store" });
});

test("an answer that came while this process was busy still counts", async () => {
  const answer = new Promise<string>((resolve) => {
    setImmediate(() => setImmediate(() => resolve("there")));
  });
  const asked = withDeadline(answer, 1, "store");
  const busyUntil = performance.now() + 20;
  while (performance.now() < busyUntil);
  expect(await asked).toBe("there");
});
