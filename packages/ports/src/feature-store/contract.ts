import { expect, onTestFinished, test } from "vitest";

import { eventAt, randomKey, type UserStateUnderTest } from "../event-buffer/under-test.ts";
import type { FeatureStore, FeatureValues } from "./port.ts";

/** A store that keeps features beside buffers and models. */
export interface FeaturesUnderTest extends UserStateUnderTest {
  features: FeatureStore;
}
export type MakeFeatures = () => Promise<FeaturesUnderTest>;

const DAY_MS = 24 * 3_600_000;
const NOON = Date.UTC(2026, 5, 12, 12);

/** Values of one computation. */
function computed(
  values: Record<string, number | null>,
  revision: number,
  computedAtMs = NOON,
): FeatureValues {
  return { values: new Map(Object.entries(values)), revision, computedAtMs };
}

/** Every promise of the FeatureStore port, and of what it shares with the buffer of its store. */
export function featureStoreContract(make: MakeFeatures): void {
  async function open(): Promise<FeaturesUnderTest> {
    const state = await make();
    onTestFinished(() => state.close?.());
    return state;
  }
  const held = async (state: FeaturesUnderTest, key: ReturnType<typeof randomKey>) => {
    const answer = await state.features.get(key);
    if (answer.status === "moved") throw new Error("moved");
    return Object.fromEntries(answer.features);
  };

  test("answers nothing, then what was saved: absent is not null", async () => {
    const state = await open();
    const key = randomKey();
    expect(await held(state, key)).toEqual({});
    const given = { ...computed({ rate: 1 / 3, hour: null }, 5), utcOffsetMin: -330 };
    expect(await state.features.save(key, given)).toEqual({ status: "saved", refused: [] });
    const origin = { revision: 5, computedAtMs: NOON, utcOffsetMin: -330 };
    expect(await held(state, key)).toEqual({
      rate: { value: 1 / 3, ...origin },
      hour: { value: null, ...origin },
    });
    expect(await held(state, randomKey())).toEqual({});
    await state.features.check();
  });

  test("numbers come back bit by bit", async () => {
    const state = await open();
    const key = randomKey();
    const values = { a: 0.1 + 0.2, b: 1e-7, c: 1e21, d: 0, e: 123_456_789.125 };
    await state.features.save(key, computed(values, 1_781_000_000_000, NOON));
    for (const [name, value] of Object.entries(values)) {
      expect((await held(state, key))[name]).toMatchObject({
        value,
        revision: 1_781_000_000_000,
        computedAtMs: NOON,
      });
    }
  });

  test("each name for itself: the others stay as they are", async () => {
    const state = await open();
    const key = randomKey();
    await state.features.save(key, computed({ rate: 1, volume: 1 }, 5));
    await state.features.save(key, computed({ volume: 2 }, 6, NOON + 1));
    expect(await held(state, key)).toEqual({
      rate: { value: 1, revision: 5, computedAtMs: NOON },
      volume: { value: 2, revision: 6, computedAtMs: NOON + 1 },
    });
  });

  test("the revision decides, then the moment; equal replaces", async () => {
    const state = await open();
    const key = randomKey();
    const save = (n: number, revision: number, at: number) =>
      state.features.save(key, computed({ rate: n }, revision, at));
    await save(1, 5, NOON);
    const refused = { status: "saved", refused: ["rate"] };
    expect(await save(2, 4, NOON + 9_000)).toEqual(refused);
    expect(await save(2, 5, NOON - 1)).toEqual(refused);
    expect(await held(state, key)).toMatchObject({ rate: { value: 1 } });
    const accepted: [number, number][] = [
      [5, NOON],
      [5, NOON + 1],
      [6, NOON - 9_000],
    ];
    for (const [n, [revision, at]] of accepted.entries()) {
      expect(await save(10 + n, revision, at)).toEqual({ status: "saved", refused: [] });
      expect(await held(state, key)).toMatchObject({ rate: { value: 10 + n } });
    }
  });

  test("a refused name keeps no other from being saved", async () => {
    const state = await open();
    const key = randomKey();
    await state.features.save(key, computed({ rate: 1 }, 5));
    const outcome = await state.features.save(key, computed({ rate: 2, volume: 2 }, 4));
    expect(outcome).toEqual({ status: "saved", refused: ["rate"] });
    expect(await held(state, key)).toMatchObject({ rate: { value: 1 }, volume: { value: 2 } });
  });

  test("of writers that race the newest stands, whatever the order", async () => {
    const state = await open();
    for (const order of [
      [1, 2, 3, 4, 5],
      [5, 4, 3, 2, 1],
      [3, 5, 1, 4, 2],
    ]) {
      const key = randomKey();
      await Promise.all(order.map((n) => state.features.save(key, computed({ rate: n }, n))));
      expect(await held(state, key)).toMatchObject({ rate: { value: 5, revision: 5 } });
    }
  });

  test("erasing the buffer takes the features along and refuses older ones", async () => {
    const state = await open();
    const { buffer, features, now } = state;
    const key = randomKey();
    const read = await buffer.append(key, [eventAt("1", now())]);
    if (read.status !== "ok") throw new Error("moved");
    await features.save(key, computed({ rate: 1 }, read.revision));
    await buffer.erase(key, 1);
    expect(await held(state, key)).toEqual({});
    const late = await features.save(key, computed({ rate: 1 }, read.revision));
    expect(late).toEqual({ status: "below_floor" });
    expect(await held(state, key)).toEqual({});
    const after = await buffer.append(key, [eventAt("2", now())]);
    if (after.status !== "ok") throw new Error("moved");
    const saved = await features.save(key, computed({ rate: 0 }, after.revision));
    expect(saved).toEqual({ status: "saved", refused: [] });
  });

  test("features without a buffer are erased too", async () => {
    const state = await open();
    const key = randomKey();
    await state.features.save(key, computed({ rate: 1 }, 5));
    const options = { everything: true };
    expect((await state.buffer.erase(key, 10, options)).featuresRemoved).toBe(true);
    expect((await state.buffer.erase(key, 10, options)).featuresRemoved).toBe(false);
    expect(await held(state, key)).toEqual({});
    expect(await state.features.save(key, computed({ rate: 1 }, 9))).toEqual({
      status: "below_floor",
    });
  });

  test("a moved key has none, and says where to", async () => {
    const state = await open();
    const { buffer, features, now, beginMove } = state;
    const [from, to] = [randomKey(), randomKey()];
    await buffer.append(from, [eventAt("1", now())]);
    await features.save(from, computed({ rate: 1 }, 5));
    await beginMove(from, to);
    const moved = { status: "moved", to };
    expect(await features.get(from)).toEqual(moved);
    expect(await features.save(from, computed({ rate: 2 }, 6))).toEqual(moved);
    await buffer.move(from, to);
    expect(await features.get(from)).toEqual(moved);
    expect(await held(state, to)).toEqual({});
  });

  test("lost features can be saved again by an older revision", async () => {
    const state = await open();
    const key = randomKey();
    await state.features.save(key, computed({ rate: 1 }, 5));
    await state.lose(key);
    expect(await held(state, key)).toEqual({});
    const saved = await state.features.save(key, computed({ rate: 1 }, 4));
    expect(saved).toEqual({ status: "saved", refused: [] });
  });

  test("stale ones are kept, 7 days after the last save of any", async ({ skip }) => {
    const state = await open();
    const { features, advance, now } = state;
    if (typeof advance !== "function") return skip(advance.skip);
    const key = randomKey();
    const at = now();
    await features.save(key, computed({ rate: 1, volume: 1 }, 5, at));
    advance(6 * DAY_MS);
    await features.save(key, computed({ volume: 2 }, 5, now()));
    advance(7 * DAY_MS - 1);
    expect(await held(state, key)).toMatchObject({ rate: { computedAtMs: at } });
    advance(1);
    expect(await held(state, key)).toEqual({});
  });
}
