import { execFile } from "node:child_process";
import { truncateSync } from "node:fs";
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { UnavailableError } from "@signalpath/ports";
import { modelFilesContract } from "@signalpath/ports/contract-suites";
import { describe, expect, onTestFinished, test } from "vitest";

import { createFileModelReader } from "./reader.ts";
import { createFileModelWriter } from "./writer.ts";

const MAX = { maxBytes: 1_000_000 };
const REFUSED = expect.objectContaining({ code: "MODEL_PATH_REFUSED" });

modelFilesContract(async () => {
  const root = await mkdtemp(join(tmpdir(), "models-"));
  return {
    reader: createFileModelReader(root),
    writer: createFileModelWriter(root),
    close: () => rm(root, { recursive: true }),
  };
});

/** A folder with a media root `media` and a file `outside/secret.spm` beside it. */
async function makeTree() {
  const folder = await mkdtemp(join(tmpdir(), "models-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const root = join(folder, "media");
  const outside = join(folder, "outside");
  await mkdir(join(root, "7"), { recursive: true });
  await mkdir(outside);
  await writeFile(join(outside, "secret.spm"), "secret");
  await writeFile(join(root, "7", "real.spm"), "real");
  return {
    root,
    outside,
    reader: createFileModelReader(root),
    writer: createFileModelWriter(root),
  };
}

describe("files below a root", () => {
  test("links are refused, wherever they lead", async () => {
    const { root, outside, reader, writer } = await makeTree();
    await symlink(join(outside, "secret.spm"), join(root, "7", "out.spm"));
    await symlink("real.spm", join(root, "7", "in.spm"));
    await symlink(outside, join(root, "8"));
    await symlink("7", join(root, "9"));
    for (const path of ["7/out.spm", "7/in.spm", "8/secret.spm", "9/real.spm"]) {
      await expect(reader.read(path, MAX)).rejects.toEqual(REFUSED);
      await expect(reader.stat(path)).rejects.toEqual(REFUSED);
    }
    await expect(writer.write("8/new.spm", new Uint8Array(1))).rejects.toEqual(REFUSED);
    await expect(writer.write("7/out.spm", new Uint8Array(1))).rejects.toEqual(REFUSED);
    expect(await readdir(outside)).toEqual(["secret.spm"]);
  });

  test("links that lead nowhere or in a circle are typed errors", async () => {
    const { root, reader } = await makeTree();
    await symlink("nowhere.spm", join(root, "7", "a.spm"));
    await symlink("c.spm", join(root, "7", "b.spm"));
    await symlink("b.spm", join(root, "7", "c.spm"));
    await expect(reader.read("7/a.spm", MAX)).rejects.toMatchObject({ code: "MODEL_FILE_MISSING" });
    await expect(reader.read("7/b.spm", MAX)).rejects.toEqual(REFUSED);
  });

  test("folders and pipes are refused without waiting", async () => {
    const { root, reader } = await makeTree();
    await promisify(execFile)("mkfifo", [join(root, "7", "pipe.spm")]);
    await expect(reader.read("7/pipe.spm", MAX)).rejects.toEqual(REFUSED);
    await expect(reader.read("7", MAX)).rejects.toEqual(REFUSED);
  });

  test("the root may be a link, and hard links are plain files", async () => {
    const { root, reader } = await makeTree();
    await symlink(root, `${root}-link`);
    await link(join(root, "7", "real.spm"), join(root, "7", "hard.spm"));
    const linked = createFileModelReader(`${root}-link`);
    expect(Buffer.from(await linked.read("7/real.spm", MAX)).toString()).toBe("real");
    expect(await reader.stat("7/hard.spm")).toEqual({ bytes: 4 });
    await linked.check();
  });

  test("a file cut while it is read is refused", async () => {
    const { root, reader, writer } = await makeTree();
    await writer.write("7/long.spm", new Uint8Array(10_000));
    for (const length of [9_000, 100, 20_000]) {
      await truncate(join(root, "7", "long.spm"), 10_000);
      const alignAt = (): number => {
        truncateSync(join(root, "7", "long.spm"), length);
        return 0;
      };
      const read = reader.read("7/long.spm", { ...MAX, alignAt });
      await expect(read).rejects.toMatchObject({ code: "MODEL_FILE_CHANGED" });
    }
  });

  test("a root that is not there is unavailable, not a missing model", async () => {
    const { root } = await makeTree();
    const reader = createFileModelReader(join(root, "none"));
    await expect(reader.read("7/real.spm", MAX)).rejects.toThrow(UnavailableError);
    await expect(reader.check()).rejects.toThrow(UnavailableError);
    const writer = createFileModelWriter(join(root, "none"));
    await expect(writer.write("7/a.spm", new Uint8Array(1))).rejects.toThrow(UnavailableError);
  });

  test("no error names a path of the machine", async () => {
    const { root, reader } = await makeTree();
    const gone = createFileModelReader(join(root, "none"));
    const reads = [
      gone.read("7/real.spm", MAX),
      reader.read("7/x.spm", MAX),
      reader.read("7", MAX),
    ];
    for (const { reason } of (await Promise.allSettled(reads)) as PromiseRejectedResult[]) {
      expect(String(reason)).not.toContain(tmpdir());
    }
  });

  test("a write that fails leaves no temporary file", async () => {
    const { root, writer } = await makeTree();
    await mkdir(join(root, "7", "taken.spm"));
    await expect(writer.write("7/taken.spm", new Uint8Array(9))).rejects.toThrow();
    await writer.write("7/new.spm", new Uint8Array(9));
    expect((await readdir(join(root, "7"))).sort()).toEqual(["new.spm", "real.spm", "taken.spm"]);
  });

  test.skipIf(process.getuid?.() === 0)("an unreadable file is unavailable", async () => {
    const { root, reader } = await makeTree();
    await chmod(join(root, "7", "real.spm"), 0);
    await expect(reader.read("7/real.spm", MAX)).rejects.toThrow(UnavailableError);
  });
});
