import type { UserSignals } from "@signalpath/domain";
import { expect, test } from "vitest";

import { open } from "../event-buffer/open-for-test.ts";
import { eventAt, HOSTILE_IDS, randomKey, type MakeUserState } from "../event-buffer/under-test.ts";
import type { ModelVersion } from "./port.ts";

const DAY_MS = 24 * 3_600_000;

function version(revision: number, contentVersion = 1, signalsVersion = 1): ModelVersion {
  return { revision, contentVersion, signalsVersion };
}

function model(n: number, positives: Record<string, number> = {}): UserSignals {
  return {
    version: 1,
    as_of: "2026-06-12T12:00:00.000Z",
    n_events: n,
    positives,
    negatives: {},
    seen: "",
    hidden_until: {},
    recent: Object.keys(positives),
    tag_affinity: { "topic:träume": 0.1 + 0.2 },
    tag_aversion: {},
    interests: [],
    behavior: {
      n_views: 0,
      n_positive: n,
      n_negative: 0,
      avg_dwell_ratio: 0,
      completion_rate: 0,
      revisit_rate: 0,
      depth: 1,
    },
    hours: Array.from({ length: 24 }, () => 0),
    demographics: {},
  };
}

/** Every promise of the UserModelStore port, and of what it shares with the buffer of its store. */
export function userModelStoreContract(make: MakeUserState): void {
  test("answers absent, then what was saved", async () => {
    const { models, now } = await open(make);
    const key = randomKey();
    expect(await models.get(key)).toEqual({ status: "absent" });
    const positives = Object.fromEntries(HOSTILE_IDS.slice(1).map((id, i) => [id, 1 / (i + 1)]));
    const before = now();
    expect(await models.save(key, model(7, positives), version(5))).toEqual({ status: "saved" });
    const answer = await models.get(key);
    expect(answer).toMatchObject({ status: "ok", model: model(7, positives), ...version(5) });
    if (answer.status !== "ok") throw new Error(answer.status);
    // A server reads its clock once a round of its loop, which may have begun before.
    expect(answer.savedAtMs).toBeGreaterThan(before - 1_000);
    expect(answer.savedAtMs).toBeLessThan(now() + 1_000);
    expect(await models.get(randomKey())).toEqual({ status: "absent" });
    await models.check();
  });

  test("unchanged only for exactly the stored version", async () => {
    const { models } = await open(make);
    const key = randomKey();
    expect(await models.get(key, version(5))).toEqual({ status: "absent" });
    await models.save(key, model(1), version(5, 2, 3));
    expect(await models.get(key, version(5, 2, 3))).toEqual({ status: "unchanged" });
    for (const other of [version(4, 2, 3), version(6, 2, 3), version(5, 1, 3), version(5, 2, 4)]) {
      expect(await models.get(key, other)).toMatchObject({ status: "ok", ...version(5, 2, 3) });
    }
  });

  test("a smaller part never replaces, an equal one does", async () => {
    const { models } = await open(make);
    const key = randomKey();
    await models.save(key, model(1), version(5, 5, 5));
    for (const stale of [version(4, 5, 5), version(5, 4, 5), version(5, 5, 4), version(9, 9, 4)]) {
      expect(await models.save(key, model(2), stale)).toEqual({ status: "stale" });
    }
    expect(await models.get(key)).toMatchObject({ model: model(1) });
    const accepted = [version(5, 5, 5), version(6, 5, 5), version(6, 6, 5), version(6, 6, 6)];
    for (const [n, next] of accepted.entries()) {
      expect(await models.save(key, model(10 + n), next)).toEqual({ status: "saved" });
      expect(await models.get(key)).toMatchObject({ model: model(10 + n), ...next });
    }
  });

  test("versions compare as numbers", async () => {
    const { models } = await open(make);
    const key = randomKey();
    await models.save(key, model(1), version(999_999_999_999));
    const next = version(1_781_000_000_000);
    expect(await models.save(key, model(2), next)).toEqual({ status: "saved" });
    expect(await models.get(key)).toMatchObject(next);
  });

  test("of writers that race the newest stands, whatever the order", async () => {
    const { models } = await open(make);
    for (const order of [
      [1, 2, 3, 4, 5],
      [5, 4, 3, 2, 1],
      [3, 5, 1, 4, 2],
    ]) {
      const key = randomKey();
      await Promise.all(order.map((n) => models.save(key, model(n), version(n))));
      expect(await models.get(key)).toMatchObject({ model: model(5), ...version(5) });
    }
  });

  test("erase removes and refuses what was built before", async () => {
    const { models, buffer } = await open(make);
    const key = randomKey();
    await models.save(key, model(1), version(5));
    await buffer.erase(key, 10);
    expect(await models.erase(key, 10)).toEqual({ removed: true });
    expect(await models.get(key)).toEqual({ status: "absent" });
    expect(await models.erase(key, 10)).toEqual({ removed: false });
    expect(await models.save(key, model(1), version(9))).toEqual({ status: "below_floor" });
    expect(await models.get(key)).toEqual({ status: "absent" });
    expect(await models.save(key, model(2), version(10))).toEqual({ status: "saved" });
  });

  test("erasing everything of a person is one step with the buffer's", async () => {
    const { models, buffer, now } = await open(make);
    const key = randomKey();
    await buffer.append(key, [eventAt("1", now())]);
    await models.save(key, model(1), version(5));
    const options = { everything: true };
    expect(await buffer.erase(key, 10, options)).toEqual({
      removed: true,
      modelRemoved: true,
      featuresRemoved: false,
    });
    expect(await models.get(key)).toEqual({ status: "absent" });
    expect(await buffer.erase(key, 10, options)).toEqual({
      removed: false,
      modelRemoved: false,
      featuresRemoved: false,
    });
    expect(await models.save(key, model(1), version(9))).toEqual({ status: "below_floor" });
  });

  test("a refresh that read its events before the erasure loses, whatever the floor", async () => {
    const { models, buffer, now } = await open(make);
    const key = randomKey();
    const read = await buffer.append(key, [eventAt("1", now())]);
    if (read.status !== "ok") throw new Error("moved");
    await buffer.erase(key, 1);
    const saved = await models.save(key, model(1), version(read.revision));
    expect(saved).toEqual({ status: "below_floor" });
    const after = await buffer.append(key, [eventAt("2", now())]);
    if (after.status !== "ok") throw new Error("moved");
    const status = "saved";
    expect(await models.save(key, model(1), version(after.revision))).toEqual({ status });
  });

  test("a moved key answers where to", async () => {
    const { models, buffer, beginMove } = await open(make);
    const [from, to] = [randomKey(), randomKey()];
    await models.save(from, model(1), version(5));
    await beginMove(from, to);
    const moved = { status: "moved", to };
    expect(await models.get(from, version(5))).toEqual(moved);
    expect(await models.save(from, model(2), version(6))).toEqual(moved);
    await buffer.move(from, to);
    expect(await models.get(from)).toEqual(moved);
    expect(await models.get(to)).toEqual({ status: "absent" });
    expect(await models.save(to, model(3), version(1))).toEqual({ status: "saved" });
  });

  test("a lost model is absent and can be saved again by an older version", async () => {
    const { models, lose } = await open(make);
    const key = randomKey();
    await models.save(key, model(1), version(5));
    await lose(key);
    expect(await models.get(key, version(5))).toEqual({ status: "absent" });
    expect(await models.save(key, model(1), version(4))).toEqual({ status: "saved" });
  });

  test("kept 7 days after the last save", async ({ skip }) => {
    const { models, advance } = await open(make);
    if (typeof advance !== "function") return skip(advance.skip);
    const key = randomKey();
    await models.save(key, model(1), version(5));
    advance(6 * DAY_MS);
    await models.save(key, model(1), version(5));
    advance(7 * DAY_MS - 1);
    expect(await models.get(key)).toMatchObject({ status: "ok" });
    advance(1);
    expect(await models.get(key)).toEqual({ status: "absent" });
  });
}
