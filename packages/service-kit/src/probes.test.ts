import { createManualClock } from "@signalpath/ports";
import { expect, test } from "vitest";

import { createReadiness } from "./probes.ts";

test("probes are asked once a second, and again after the clock was put back", async () => {
  const clock = createManualClock();
  clock.advance(3_600_000);
  let isUp = true;
  const check = async (): Promise<void> => {
    if (!isUp) throw new Error("gone");
  };
  const readiness = createReadiness([{ name: "store", check }], clock.now, () => "running");
  expect(await readiness()).toEqual({ ready: true, dependencies: { store: "up" } });
  isUp = false;
  expect(await readiness()).toMatchObject({ ready: true });
  clock.advance(-3_600_000);
  expect(await readiness()).toEqual({ ready: false, dependencies: { store: "down: gone" } });
  isUp = true;
  clock.advance(1_000);
  expect(await readiness()).toMatchObject({ ready: true });
});

test("a process that starts or drains is not ready, whatever its probes say", async () => {
  const { now } = createManualClock();
  let state: "starting" | "running" | "draining" = "starting";
  const readiness = createReadiness([], now, () => state);
  for (const phase of ["starting", "running", "draining"] as const) {
    state = phase;
    expect((await readiness()).ready).toBe(phase === "running");
  }
});
