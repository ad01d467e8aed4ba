import { copyFile, mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { createFileModelReader, createFileModelWriter } from "@signalpath/adapter-files";
import type { ModelView } from "@signalpath/contracts";
import { describe, expect, onTestFinished, test } from "vitest";

import { createModelCache } from "./cache.ts";
import { createInlineChecker } from "./checks/checker.ts";
import { createModelLoader, type ModelRow } from "./load.ts";
import { writeArtefact } from "./sign.ts";
import { METADATA, RING, smallTensors } from "./testing/artefact.ts";

async function makeServing() {
  const folder = await mkdtemp(join(tmpdir(), "model-serving-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const root = join(folder, "media");
  await mkdir(root);
  const files = createFileModelWriter(root);
  const load = createModelLoader<ModelView>({
    files: createFileModelReader(root),
    ring: RING,
    checker: createInlineChecker(),
    kinds: { ials: { decode: (view) => view } },
  });
  const cache = createModelCache({ load, maxModels: 3, maxBytes: 1e9, clock: () => 0 });
  const train = (version: number) =>
    writeArtefact(
      { metadata: { ...METADATA, version }, tensors: smallTensors() },
      { ring: RING, files },
    );
  const served = () => cache.use(METADATA.model_id)?.metadata.version;
  return { folder, root, cache, train, served };
}

const code = (code: string) => expect.objectContaining({ name: "ModelFileError", code });

describe("a model on disk", () => {
  test("is trained, served, replaced and rolled back", async () => {
    const { cache, train, served } = await makeServing();
    const first = await train(1);
    await cache.get(first);
    expect(served()).toBe(1);
    const second = await train(2);
    expect(await cache.swap(second)).toBe("swapped");
    expect(served()).toBe(2);
    expect(await cache.swap(first)).toBe("swapped");
    expect(served()).toBe(1);
  });

  test.each<
    [
      string,
      string,
      (made: { root: string; folder: string; row: ModelRow; old: ModelRow }) => Promise<ModelRow>,
    ]
  >([
    [
      "gone",
      "MODEL_FILE_MISSING",
      async ({ root, row }) => {
        await rm(join(root, row.file));
        return row;
      },
    ],
    [
      "replaced by the version before",
      "MODEL_DIGEST_MISMATCH",
      async ({ root, row, old }) => {
        await copyFile(join(root, old.file), join(root, row.file));
        return row;
      },
    ],
    [
      "a link to itself elsewhere",
      "MODEL_PATH_REFUSED",
      async ({ root, folder, row }) => {
        await rename(join(root, row.file), join(folder, "elsewhere.spm"));
        await symlink(join(folder, "elsewhere.spm"), join(root, row.file));
        return row;
      },
    ],
    [
      "in a folder that is a link",
      "MODEL_PATH_REFUSED",
      async ({ root, folder, row }) => {
        await rename(join(root, dirname(row.file)), join(folder, "elsewhere"));
        await symlink(join(folder, "elsewhere"), join(root, dirname(row.file)));
        return row;
      },
    ],
    [
      "named through ..",
      "MODEL_PATH_REFUSED",
      async ({ root, folder, row }) => {
        await rename(join(root, row.file), join(folder, "elsewhere.spm"));
        return { ...row, file: "../elsewhere.spm" };
      },
    ],
    [
      "named absolutely",
      "MODEL_PATH_REFUSED",
      async ({ root, row }) => ({
        ...row,
        file: join(root, row.file),
      }),
    ],
  ])("that is %s is refused and the old one goes on", async (_what, refusal, damage) => {
    const { folder, root, cache, train, served } = await makeServing();
    const old = await train(1);
    await cache.get(old);
    const row = await damage({ root, folder, old, row: await train(2) });
    await expect(cache.swap(row)).rejects.toEqual(code(refusal));
    expect(served()).toBe(1);
  });
});
