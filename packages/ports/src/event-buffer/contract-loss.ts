import { BUFFER_WINDOW_MS } from "@signalpath/domain";
import { expect, test } from "vitest";

import { open } from "./open-for-test.ts";
import { eventAt, randomKey, type MakeUserState } from "./under-test.ts";

/** A buffer may be lost at any time; what the caller must be able to tell afterwards. */
export function losses(make: MakeUserState): void {
  test("an unknown key is empty, not filled, revision 0", async () => {
    const { buffer } = await open(make);
    const answer = { status: "ok", events: [], revision: 0, filled: false, life: "" };
    expect(await buffer.read(randomKey())).toEqual(answer);
    expect(await buffer.append(randomKey(), [])).toEqual(answer);
    await buffer.check();
  });

  test("fill sets the mark in the step that adds, also when there is nothing to add", async () => {
    const { buffer, now } = await open(make);
    const [key, empty] = [randomKey(), randomKey()];
    const events = [eventAt("1", now() - 2_000), eventAt("2", now() - 1_000)];
    await buffer.append(key, events.slice(1));
    expect(await buffer.append(key, events, { fill: true })).toMatchObject({
      events,
      filled: true,
    });
    expect(await buffer.append(empty, [], { fill: true })).toMatchObject({ filled: true });
    expect(await buffer.read(empty)).toMatchObject({ events: [], filled: true });
  });

  test("what was read for one buffer is not joined into another one", async () => {
    const { buffer, now, lose } = await open(make);
    const key = randomKey();
    const events = [1, 2, 3].map((n) => eventAt(`${n}`, now() - 9_000 + n));
    const begun = await buffer.append(key, events.slice(2));
    if (begun.status !== "ok") throw new Error("moved");
    expect(begun.life).not.toBe("");
    expect(await buffer.append(key, events.slice(2))).toMatchObject({ life: begun.life });
    await lose(key);
    const life = begun.life;
    const nothing = { events: [], filled: false, life: "", otherLife: true };
    expect(await buffer.append(key, events, { fill: true, life })).toMatchObject(nothing);
    expect(await buffer.read(key)).toMatchObject({ events: [], filled: false });
    const again = await buffer.append(key, events.slice(1, 2));
    if (again.status !== "ok") throw new Error("moved");
    expect(await buffer.append(key, events, { fill: true, life })).toEqual({
      ...again,
      otherLife: true,
    });
    const late = await buffer.append(key, events, { fill: true, life: "" });
    expect(late).toEqual({ ...again, otherLife: true });
    const filled = await buffer.append(key, events, { fill: true, life: again.life });
    expect(filled).toMatchObject({ events, filled: true, life: again.life });
    expect(filled).not.toHaveProperty("otherLife");
  });

  test("a life begins with the fill of no buffer and ends with an erasure", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const events = [eventAt("1", now() - 2_000)];
    const filled = await buffer.append(key, events, { fill: true, life: "" });
    expect(filled).toMatchObject({ events, filled: true });
    if (filled.status !== "ok") throw new Error("moved");
    await buffer.erase(key, now() + 1);
    const late = await buffer.append(key, events, { fill: true, life: filled.life });
    expect(late).toMatchObject({ events: [], filled: false, life: "", otherLife: true });
    const after = await buffer.append(key, [eventAt("2", now())]);
    expect(after.status === "ok" && after.life).not.toBe(filled.life);
  });

  test("the mark goes with the buffer, the revision goes on rising", async () => {
    const { buffer, now, lose } = await open(make);
    const key = randomKey();
    const first = await buffer.append(key, [eventAt("1", now() - 2_000)], { fill: true });
    await lose(key);
    expect(await buffer.read(key)).toMatchObject({ events: [], filled: false });
    const events = [eventAt("2", now() - 1_000)];
    const second = await buffer.append(key, events);
    expect(second).toMatchObject({ events, filled: false });
    if (first.status !== "ok" || second.status !== "ok") throw new Error("moved");
    expect(second.revision).toBeGreaterThan(first.revision);
  });

  test("a buffer expires 30 days after its newest event", async ({ skip }) => {
    const { buffer, now, advance } = await open(make);
    if (typeof advance !== "function") return skip(advance.skip);
    const key = randomKey();
    const first = await buffer.append(key, [eventAt("1", now() - 1_000)], { fill: true });
    advance(BUFFER_WINDOW_MS - 1_001);
    expect(await buffer.read(key)).toEqual(first);
    advance(1);
    expect(await buffer.read(key)).toMatchObject({ events: [], filled: false });
    const second = await buffer.append(key, [eventAt("2", now())]);
    if (first.status !== "ok" || second.status !== "ok") throw new Error("moved");
    expect(second.revision).toBeGreaterThan(first.revision);
  });

  test("events of long ago are answered once and kept no longer", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const events = [eventAt("old", now() - BUFFER_WINDOW_MS - 1_000)];
    const answer = await buffer.append(key, events, { fill: true });
    expect(answer).toMatchObject({ status: "ok", events, filled: true, life: "" });
    expect(await buffer.read(key)).toMatchObject({ events: [], filled: false });
    // What is gone at once has no life that a filling could wait for.
    const added = await buffer.append(key, events);
    expect(added).toMatchObject({ status: "ok", events, filled: false, life: "" });
    const filled = await buffer.append(key, events, { fill: true, life: "" });
    expect(filled).toEqual({ ...answer, revision: expect.any(Number) as number });
  });

  test("erase removes, lifts the revision to the floor and may be repeated", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const before = await buffer.append(key, [eventAt("1", now() - 2_000)], { fill: true });
    const floor = now() + 3_600_000;
    expect(await buffer.erase(key, floor)).toEqual({ removed: true });
    expect(await buffer.read(key)).toMatchObject({ events: [], filled: false });
    expect(await buffer.erase(key, floor)).toEqual({ removed: false });
    const events = [eventAt("2", now() - 1_000)];
    const after = await buffer.append(key, events);
    expect(after).toMatchObject({ events, filled: false });
    if (before.status !== "ok" || after.status !== "ok") throw new Error("moved");
    expect(after.revision).toBeGreaterThanOrEqual(floor);
  });

  test("a floor also holds for a key that was empty", async () => {
    const { buffer, now } = await open(make);
    const key = randomKey();
    const floor = now() + 3_600_000;
    expect(await buffer.erase(key, floor)).toEqual({ removed: false });
    const after = await buffer.append(key, [eventAt("1", now())]);
    expect(after.status === "ok" && after.revision).toBeGreaterThanOrEqual(floor);
  });

  test("applied_at is unknown, then what was saved last", async () => {
    const { buffer } = await open(make);
    expect(await buffer.appliedAt()).toBeUndefined();
    await buffer.saveAppliedAt(1_781_000_000_123);
    expect(await buffer.appliedAt()).toBe(1_781_000_000_123);
    await buffer.saveAppliedAt(1_781_000_000_001);
    expect(await buffer.appliedAt()).toBe(1_781_000_000_001);
  });

  test("a listener can leave", async () => {
    const { buffer } = await open(make);
    const leave = buffer.onReconnect(() => undefined);
    expect(leave()).toBeUndefined();
  });
}
