import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openStores } from "@signalpath/backends";
import { sha256 } from "@signalpath/service-kit";
import { expect, onTestFinished, test } from "vitest";

import { DAY, like, openWorld, spec, tasteRows } from "./test-world.ts";

test("runs of uploads and of the archive over PGlite", async () => {
  const dir = await mkdtemp(join(tmpdir(), "signalpath-trainer-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const stores = await openStores(
    { NODE_ENV: "test", SIGNALPATH_DATA_DIR: dir },
    { service: "test", now: () => DAY, sha256, warn: () => {}, onError: () => {} },
  );
  onTestFinished(() => stores.close());
  const world = await openWorld({ stores });
  onTestFinished(() => world.close());
  const { projectId } = world;
  const upload = await world.upload(tasteRows(40, 30));
  const likes = Array.from({ length: 60 }, (_, n) =>
    like(1_000 * n, { project_id: projectId, user_id: `u${n % 12}`, item_id: `i${n % 7}` }),
  );
  await stores.archive.put(likes);
  const model = await world.model();
  await world.start();
  const wishes = [
    [spec({ training_data_id: upload, kind: "ease", tune: { trials: 3 } }), 40],
    [spec({ source: "archive", split: "time" }), 12],
  ] as const;
  for (const [at, [wish, users]] of wishes.entries()) {
    const run = await world.over((await world.request(model.id, wish)).id);
    expect(run).toMatchObject({ status: "COMPLETED", version: at + 1, metrics: { users } });
    const { row } = await world.loaded(model.id, at + 1);
    expect(row).toMatchObject({
      training_run_id: run.id,
      metrics: { "ndcg@20": expect.anything() },
    });
  }
  expect((await stores.modelCatalogue.served([model.id]))[0]).toMatchObject({ version: 2 });
}, 120_000);
