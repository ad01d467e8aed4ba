import { describe, expect, test } from "vitest";

import { iso, NOON } from "../archive/contract-parts.ts";
import { RefusedError } from "../errors.ts";
import { twoProjects, type MakeTraining } from "../model-catalogue/under-test.ts";
import type { TrainingDataStore, TrainingRow } from "./port.ts";
import { createRowsDigest } from "./summary.ts";

async function* batchesOf(...batches: TrainingRow[][]): AsyncIterable<TrainingRow[]> {
  for (const batch of batches) yield batch;
}

async function readAll(store: TrainingDataStore, id: number): Promise<TrainingRow[]> {
  const rows: TrainingRow[] = [];
  for await (const block of store.read(id)) rows.push(...block);
  return rows;
}

/** Every promise of `TrainingDataStore`. */
export function trainingDataContract(make: MakeTraining): void {
  describe("TrainingDataStore", () => {
    test("gives back the rows in their order, and what it counted", async () => {
      const { trainingData: store, project } = await twoProjects(make);
      const rows: TrainingRow[] = [
        { user_id: "u'1", item_id: "é\n\u0007", weight: 0.1, time: NOON },
        { user_id: "u2", item_id: "i", weight: 5, time: NOON - 5_000 },
        { user_id: "u2", item_id: "i", weight: 5, time: NOON - 5_000 },
      ];
      const digest = createRowsDigest();
      digest.add(rows);
      const columns = ["user_id", "item_id", "weight", "timestamp"];
      const made = await store.store(
        { project_id: project, filename: "r.csv", columns },
        batchesOf(rows.slice(0, 1), [], rows.slice(1)),
      );
      expect(made).toEqual({
        id: expect.any(Number),
        project_id: project,
        filename: "r.csv",
        columns,
        rows: 3,
        users: 2,
        items: 2,
        digest: digest.hex(),
        data_from: iso(NOON - 5_000),
        data_to: iso(NOON),
        created_at: iso(NOON),
      });
      expect(await store.get(made.id)).toEqual(made);
      expect(await readAll(store, made.id)).toEqual(rows);
      await store.check();
    });

    test("keeps 25,000 rows without times, more than a block", async () => {
      const { trainingData: store, project } = await twoProjects(make);
      const rows = Array.from({ length: 25_000 }, (_, n) => ({
        user_id: `u${n % 700}`,
        item_id: `i${n % 1_100}`,
        weight: 1,
      }));
      const data = { project_id: project, filename: "r", columns: ["user_id", "item_id"] };
      const made = await store.store(
        data,
        batchesOf(rows.slice(0, 9_999), rows.slice(9_999, 20_001), rows.slice(20_001)),
      );
      expect(made).toMatchObject({ rows: 25_000, users: 700, items: 1_100, data_from: null });
      expect(await readAll(store, made.id)).toEqual(rows);
    });

    test("stores nothing when a batch fails, and says why in its own words", async () => {
      const { trainingData: store, project } = await twoProjects(make);
      const row = { user_id: "u", item_id: "i", weight: 1 };
      const failing = async function* (): AsyncIterable<TrainingRow[]> {
        yield Array.from({ length: 12_000 }, () => row);
        throw new TypeError("row 12001 is bad");
      };
      const data = { project_id: project, filename: "r.csv", columns: [] };
      await expect(store.store(data, failing())).rejects.toThrow(new TypeError("row 12001 is bad"));
      expect(await store.list({ offset: 0, limit: 9 })).toEqual({ count: 0, rows: [] });
      expect(await store.newest(project)).toBeUndefined();
      const unknown = store.store({ ...data, project_id: 99 }, batchesOf([row]));
      await expect(unknown).rejects.toThrow(RefusedError);
    });

    test("knows the newest of a project, pages, removes", async () => {
      const { trainingData: store, project, other } = await twoProjects(make);
      const ids = [];
      for (const project_id of [project, other, project]) {
        const data = { project_id, filename: "r.csv", columns: [] };
        const rows = [{ user_id: "u", item_id: "i", weight: 1 }];
        ids.push((await store.store(data, batchesOf(rows))).id);
      }
      const [first, foreign, second] = ids as [number, number, number];
      expect(await store.newest(project)).toMatchObject({ id: second });
      expect(await store.newest(other)).toMatchObject({ id: foreign });
      expect(await store.list({ project_id: project, offset: 1, limit: 1 })).toMatchObject({
        count: 2,
        rows: [{ id: second }],
      });
      expect(await store.remove(second)).toBe(true);
      expect(await store.remove(second)).toBe(false);
      expect(await store.get(second)).toBeUndefined();
      await expect(readAll(store, second)).rejects.toThrow(RefusedError);
      expect(await store.newest(project)).toMatchObject({ id: first });
    });
  });
}
