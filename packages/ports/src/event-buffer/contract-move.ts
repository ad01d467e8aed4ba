import { BUFFER_WINDOW_MS } from "@signalpath/domain";
import { expect, test } from "vitest";

import { RefusedError } from "../errors.ts";
import { open, readThrough } from "./open-for-test.ts";
import { eventAt, randomKey, type MakeUserState } from "./under-test.ts";

/** Identities are linked while events of both arrive; nothing may be lost or stay behind. */
export function moves(make: MakeUserState): void {
  test("joins the events and leaves a redirect", async () => {
    const { buffer, now } = await open(make);
    const [from, to] = [randomKey(), randomKey()];
    const start = now() - 60_000;
    const events = [1, 2, 3, 4].map((n) => eventAt(`${n}`, start + n));
    await buffer.append(
      from,
      [events[0], events[2]].flatMap((event) => event ?? []),
    );
    const before = await buffer.append(to, events.slice(1, 2));
    await buffer.move(from, to);
    expect(await buffer.read(from)).toEqual({ status: "moved", to, pending: false });
    const after = await buffer.read(to);
    expect(after).toMatchObject({ events: events.slice(0, 3) });
    if (before.status !== "ok" || after.status !== "ok") throw new Error("moved");
    expect(after.revision).toBeGreaterThan(before.revision);
    const late = await buffer.append(from, events.slice(3), { fill: true });
    expect(late).toEqual({ status: "moved", to, pending: false });
    expect(await buffer.read(to)).toEqual(after);
  });

  test("may be repeated", async () => {
    const { buffer, now } = await open(make);
    const [from, to] = [randomKey(), randomKey()];
    await buffer.append(from, [eventAt("1", now())], { fill: true });
    await buffer.move(from, to);
    const filled = await buffer.append(to, [], { fill: true });
    await Promise.all([buffer.move(from, to), buffer.move(from, to)]);
    expect(await buffer.read(to)).toEqual(filled);
    expect(await buffer.read(from)).toMatchObject({ status: "moved", to });
  });

  test("keeps the filled mark only when nothing can be missing", async () => {
    const { buffer, now } = await open(make);
    const [full, partial, to] = [randomKey(), randomKey(), randomKey()];
    await buffer.append(to, [eventAt("1", now() - 3_000)], { fill: true });
    await buffer.append(full, [eventAt("2", now() - 2_000)], { fill: true });
    await buffer.move(full, to);
    expect(await buffer.read(to)).toMatchObject({ filled: true });
    await buffer.append(partial, [eventAt("3", now() - 1_000)]);
    await buffer.move(partial, to);
    expect(await buffer.read(to)).toMatchObject({ filled: false });
  });

  test("a filling that began before a move does not mark what the move brought", async () => {
    const { buffer, now } = await open(make);
    const [from, to] = [randomKey(), randomKey()];
    const [own, brought] = [eventAt("1", now() - 3_000), eventAt("2", now() - 2_000)];
    const before = await buffer.append(to, [own]);
    if (before.status !== "ok") throw new Error("moved");
    await buffer.append(from, [brought]);
    await buffer.move(from, to);
    const { life } = before;
    const late = await buffer.append(to, [own], { fill: true, life });
    expect(late).toMatchObject({ events: [own, brought], filled: false, otherLife: true });
    if (late.status !== "ok") throw new Error("moved");
    const next = await buffer.append(to, [own], { fill: true, life: late.life });
    expect(next).toMatchObject({ events: [own, brought], filled: true });
  });

  test("an erasure leaves a move that stopped half-way nothing to bring", async () => {
    const { buffer, now, beginMove } = await open(make);
    const [from, to] = [randomKey(), randomKey()];
    await buffer.append(from, [eventAt("1", now() - 1_000)]);
    await beginMove(from, to);
    expect(await buffer.erase(from, now())).toEqual({ removed: true });
    expect(await buffer.read(from)).toEqual({ status: "moved", to, pending: false });
    await buffer.move(from, to);
    expect(await buffer.read(to)).toMatchObject({ status: "ok", events: [] });
  });

  test("one that stopped half-way is pending and finished by whoever comes next", async () => {
    const { buffer, now, beginMove } = await open(make);
    const [from, to] = [randomKey(), randomKey()];
    const events = [eventAt("1", now() - 2_000), eventAt("2", now() - 1_000)];
    await buffer.append(from, events.slice(0, 1));
    await beginMove(from, to);
    const moved = { status: "moved", to, pending: true };
    expect(await buffer.read(from)).toEqual(moved);
    expect(await buffer.append(from, events.slice(1))).toEqual(moved);
    await buffer.append(to, events.slice(1));
    await buffer.move(from, to);
    expect(await buffer.read(from)).toEqual({ ...moved, pending: false });
    expect(await buffer.read(to)).toMatchObject({ events });
  });

  test("the first redirect stands", async () => {
    const { buffer, now, beginMove } = await open(make);
    const [from, first, second] = [randomKey(), randomKey(), randomKey()];
    const events = [eventAt("1", now())];
    await buffer.append(from, events);
    await beginMove(from, first);
    await buffer.move(from, second);
    expect(await buffer.read(from)).toEqual({ status: "moved", to: first, pending: false });
    expect(await buffer.read(first)).toMatchObject({ events });
    expect(await buffer.read(second)).toMatchObject({ events: [], revision: 0 });
  });

  test("chains lead to their end, whichever link came first", async () => {
    const { buffer, now } = await open(make);
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [1, 2, 0],
    ]) {
      const keys = [randomKey(), randomKey(), randomKey(), randomKey()] as const;
      const start = now() - 60_000;
      const events = keys.map((_, i) => eventAt(`${i}`, start + i));
      for (const [i, key] of keys.entries()) await buffer.append(key, events.slice(i, i + 1));
      for (const i of order) await buffer.move(keys[i] ?? keys[3], keys[i + 1] ?? keys[3]);
      for (const key of keys) expect(await readThrough(buffer, key)).toMatchObject({ events });
      for (const key of keys.slice(0, 3)) {
        expect(await buffer.read(key)).toMatchObject({ status: "moved", pending: false });
      }
    }
  });

  test("a move onto itself is refused, also along a chain", async () => {
    const { buffer, now } = await open(make);
    const [a, b] = [randomKey(), randomKey()];
    const events = [eventAt("1", now())];
    await buffer.append(a, events);
    await expect(buffer.move(a, a)).rejects.toThrow(RefusedError);
    await buffer.move(a, b);
    await expect(buffer.move(b, a)).rejects.toThrow(RefusedError);
    expect(await buffer.read(b)).toMatchObject({ status: "ok", events });
  });

  test("an empty key can be moved before its events come", async () => {
    const { buffer, now } = await open(make);
    const [from, to] = [randomKey(), randomKey()];
    await buffer.move(from, to);
    expect(await buffer.append(from, [eventAt("1", now())])).toMatchObject({ status: "moved", to });
  });

  test("erasing a moved key leaves its redirect", async () => {
    const { buffer, now } = await open(make);
    const [from, to] = [randomKey(), randomKey()];
    await buffer.append(from, [eventAt("1", now())]);
    await buffer.move(from, to);
    await buffer.erase(from, now());
    await buffer.erase(to, now());
    expect(await buffer.read(from)).toMatchObject({ status: "moved", to });
    expect(await buffer.read(to)).toMatchObject({ status: "ok", events: [] });
  });

  test("a redirect stays 30 days", async ({ skip }) => {
    const { buffer, now, advance } = await open(make);
    if (typeof advance !== "function") return skip(advance.skip);
    const [from, to] = [randomKey(), randomKey()];
    await buffer.append(from, [eventAt("1", now())]);
    await buffer.move(from, to);
    advance(BUFFER_WINDOW_MS - 1);
    expect(await buffer.read(from)).toMatchObject({ status: "moved" });
    advance(1);
    expect(await buffer.read(from)).toMatchObject({ status: "ok" });
  });
}
