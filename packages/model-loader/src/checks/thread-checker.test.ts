import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import { describe, expect, onTestFinished, test, vi } from "vitest";

import { signArtefact } from "../sign.ts";
import { loadBytes, METADATA, RING, smallTensors } from "../testing/artefact.ts";
import type { Checker } from "./checker.ts";
import { openCheckWorker } from "./open-worker.ts";
import { runTask } from "./run-task.ts";
import type { CheckTask } from "./task.ts";
import { createThreadChecker, type ThreadCheckerOptions } from "./thread-checker.ts";

const FAILED = expect.objectContaining({ name: "ModelFileError", code: "MODEL_CHECK_FAILED" });

function openChecker(options: ThreadCheckerOptions = {}): Checker {
  const checker = createThreadChecker({ inlineBelowBytes: 0, ...options });
  onTestFinished(() => checker.close());
  return checker;
}

/** A thread that does this with each message. */
const threadThat = (code: string) => () =>
  new Worker(`require("node:worker_threads").parentPort.on("message", (m) => { ${code} })`, {
    eval: true,
  });

function sharedOf(numbers: readonly number[]): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(numbers.length * 4);
  new Float32Array(shared).set(numbers);
  return shared;
}

const numbers: CheckTask = {
  what: "numbers",
  floats: [{ name: "x", dtype: "F32", at: 0, bytes: 8 }],
  strings: [],
  sparse: [],
};

describe("the checking thread", () => {
  test("answers what the calling thread would", async () => {
    const checker = openChecker();
    const tasks: CheckTask[] = [
      numbers,
      { what: "digests", file: { at: 0, bytes: 8 }, payload: { at: 4, bytes: 4 } },
      {
        what: "hmac",
        payload: { at: 0, bytes: 8 },
        signature: { at: 8, bytes: 32 },
        secrets: ["a"],
      },
    ];
    for (const shared of [
      sharedOf(Array(10).fill(1)),
      sharedOf([Number.NaN, ...Array(9).fill(1)]),
    ]) {
      for (const task of tasks) {
        expect(await checker.run(shared, task)).toEqual(runTask(shared, task));
      }
    }
  });

  test("serves many at once, and an artefact through the loader", async () => {
    const checker = openChecker();
    const { bytes, row } = signArtefact({ metadata: METADATA, tensors: smallTensors() }, RING);
    const loads = Array.from({ length: 8 }, () => loadBytes(bytes, row, { checker }));
    for (const { metadata } of await Promise.all(loads)) expect(metadata).toEqual(METADATA);
    const damaged = Uint8Array.from(bytes);
    damaged[damaged.length - 1] = 7;
    await expect(loadBytes(damaged, row, { checker })).rejects.toMatchObject({
      code: "MODEL_SIGNATURE_INVALID",
    });
  });

  test("small work and memory that is not shared stay on the calling thread", async () => {
    const startWorker = vi.fn(openCheckWorker);
    const small = openChecker({ startWorker, inlineBelowBytes: 9 });
    expect(await small.run(sharedOf([1, Infinity]), numbers)).toMatchObject({
      code: "MODEL_NOT_FINITE",
    });
    const large = openChecker({ startWorker });
    expect(await large.run(new ArrayBuffer(8), numbers)).toBeUndefined();
    expect(startWorker).not.toHaveBeenCalled();
    await large.run(sharedOf([1, 2]), numbers);
    expect(startWorker).toHaveBeenCalledTimes(1);
  });

  test.each([
    ["throws", "throw new Error('out of memory')"],
    ["exits", "process.exit(3)"],
  ])("a thread that %s fails its tasks and is replaced", async (_what, code) => {
    const startWorker = vi.fn(openCheckWorker).mockImplementationOnce(threadThat(code));
    const checker = openChecker({ startWorker });
    const lost = [checker.run(sharedOf([1, 2]), numbers), checker.run(sharedOf([1, 2]), numbers)];
    for (const each of lost) await expect(each).rejects.toEqual(FAILED);
    expect(await checker.run(sharedOf([1, 2]), numbers)).toBeUndefined();
    expect(startWorker).toHaveBeenCalledTimes(2);
  });

  test("a task that cannot run is our trouble, not the artefact's", async () => {
    const beyond: CheckTask = {
      ...numbers,
      floats: [{ name: "x", dtype: "F32", at: 0, bytes: 800 }],
    };
    await expect(openChecker().run(sharedOf([1, 2]), beyond)).rejects.toEqual(FAILED);
  });

  test("closing fails what is under way and everything after", async () => {
    const checker = openChecker({ startWorker: threadThat("") });
    const lost = checker.run(sharedOf([1, 2]), numbers);
    const [outcome] = await Promise.allSettled([lost, checker.close()]);
    expect(outcome).toEqual({ status: "rejected", reason: FAILED });
    await checker.close();
    await expect(checker.run(sharedOf([1, 2]), numbers)).rejects.toEqual(FAILED);
  });

  test("an idle thread keeps no process alive, nor does tsx keep it from starting", async () => {
    const args = ["--import", "tsx", "--input-type=module", "--eval", PROGRAM];
    expect(await run(args, ROOT)).toEqual({ exitCode: 0, printed: "true\n" });
  });

  test("a bundle finds its thread beside itself", async () => {
    const folder = await mkdtemp(join(tmpdir(), "model-check-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, "src"));
    await writeFile(join(folder, "src", "main.ts"), PROGRAM);
    const built = await run([join(ROOT, "tools", "build-app.mjs"), join(folder, "out")], folder);
    expect(built).toEqual({ exitCode: 0, printed: "" });
    const answer = await run([join(folder, "out", "main.mjs")], folder);
    expect(answer).toEqual({ exitCode: 0, printed: "true\n" });
  });
});

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const PROGRAM = `
  import { createThreadChecker } from ${JSON.stringify(fileURLToPath(new URL("./thread-checker.ts", import.meta.url)))};
  const checker = createThreadChecker({ inlineBelowBytes: 0 });
  const task = ${JSON.stringify(numbers)};
  console.log(await checker.run(new SharedArrayBuffer(8), task) === undefined);`;

async function run(args: string[], cwd: string) {
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const [exitCode] = (await once(child, "close")) as [number];
  return { exitCode, printed };
}
