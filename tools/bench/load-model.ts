import { closeSync, openSync, readSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { createFileModelReader, createFileModelWriter } from "@signalpath/adapter-files";
import { encodeStrings, sortForSearch, type ModelView } from "@signalpath/contracts";
import {
  createKeyRing,
  createModelLoader,
  createThreadChecker,
  writeArtefact,
} from "@signalpath/model-loader";
import { modelKinds, type EncodedModel } from "@signalpath/models";

import { percentile, round, type Row } from "./table.ts";

const ITEMS = 20_000;
const NEIGHBOURS = 250;
const LOADS = 7;

/** First use of a model: the longest time the event loop of a server stands still while it loads. */
export async function benchLoad(): Promise<Row[]> {
  const root = await mkdtemp(join(tmpdir(), "signalpath-load-"));
  const checker = createThreadChecker();
  try {
    const ring = createKeyRing({ secretKey: "a secret of the benchmark" });
    const files = createFileModelWriter(root);
    const written = await writeArtefact(
      { metadata: METADATA, tensors: sparseModel() },
      { ring, files },
    );
    const stalls: Stall[] = [];
    const times: number[] = [];
    for (let turn = 0; turn < LOADS; turn++) {
      // Another loader each time: nothing is kept, as when a server first needs the model.
      const load = createModelLoader({
        files: createFileModelReader(root),
        ring,
        checker,
        kinds: { "item-knn": { decode: decodeItemKnn } },
      });
      const before = performance.now();
      stalls.push(await longestStall(() => load(written)));
      times.push(performance.now() - before);
    }
    const decodes: number[] = [];
    const decode = (view: ModelView) => {
      const before = performance.now();
      decodeItemKnn(view);
      decodes.push(performance.now() - before);
    };
    const load = createModelLoader({
      files: createFileModelReader(root),
      ring,
      checker,
      kinds: { "item-knn": { decode } },
    });
    for (let turn = 0; turn < LOADS; turn++) await load(written);
    const idle: Stall[] = [];
    for (let turn = 0; turn < LOADS; turn++) {
      idle.push(await longestStall(() => wait(percentile(times, 0.5))));
    }
    const megabytes = round(written.bytes / 2 ** 20);
    return [
      {
        job: `load a model of ${megabytes} MB, ${LOADS} times, load ${round(loadavg()[0] ?? 0, 1)}`,
        ours: `longest stall: first ${toldStall(stalls.slice(0, 1))}, middle ${toldStall(stalls)}; ${round(percentile(times, 0.5))} ms in all, decoding ${round(percentile(decodes, 0.5), 2)} ms of it`,
        limit: `a loop with nothing to do, as long and as often: ${toldStall(idle)}`,
        ratio: "-",
        goal: "<= 20 ms",
      },
    ];
  } finally {
    await checker.close();
    await rm(root, { recursive: true, force: true });
  }
}

const METADATA: ModelView["metadata"] = {
  kind: "item-knn",
  model_id: 1,
  project_id: 1,
  version: 1,
  created_at: "2026-01-01T00:00:00.000Z",
  data_digest: "00".repeat(32),
  rows: ITEMS,
  hyperparameters: {},
  metrics: {},
};

const decodeItemKnn = ({ metadata, tensors }: ModelView) =>
  modelKinds["item-knn"]?.decode({ metadata, tensors });

/** Every item with its next ones as neighbours; one person who has the first item. */
function sparseModel(): EncodedModel["tensors"] {
  const ids = encodeStrings(sortForSearch(Array.from({ length: ITEMS }, (_, at) => `item-${at}`)));
  const user = encodeStrings(["user"]);
  const indptr = Uint32Array.from({ length: ITEMS + 1 }, (_, row) => row * NEIGHBOURS);
  const items = new Uint32Array(ITEMS * NEIGHBOURS);
  for (let row = 0; row < ITEMS; row++) {
    const first = Math.min(row, ITEMS - NEIGHBOURS);
    for (let k = 0; k < NEIGHBOURS; k++) items[row * NEIGHBOURS + k] = first + k;
  }
  const flat = <T extends { length: number }>(data: T) => ({ shape: [data.length], data });
  return new Map([
    ["item_ids.bytes", flat(ids.bytes)],
    ["item_ids.offsets", flat(ids.offsets)],
    ["user_ids.bytes", flat(user.bytes)],
    ["user_ids.offsets", flat(user.offsets)],
    ["history.indptr", flat(Uint32Array.of(0, 1))],
    ["history.items", flat(Uint32Array.of(0))],
    ["history.weights", flat(Float32Array.of(1))],
    ["neighbours.indptr", flat(indptr)],
    ["neighbours.items", flat(items)],
    ["neighbours.weights", flat(new Float32Array(items.length).fill(0.5))],
  ] as [string, { shape: number[]; data: Uint8Array | Uint32Array | Float32Array }][]);
}

interface Stall {
  /** By the clock, other processes included. */
  wall: number;
  /** Of a processor, by this thread alone; NaN where the system does not tell. */
  own: number;
}

function toldStall(stalls: readonly Stall[]): string {
  const middle = (of: keyof Stall) =>
    percentile(
      stalls.map((stall) => stall[of]),
      0.5,
    );
  return `${round(middle("wall"), 1)} ms (${round(middle("own"), 1)} ms of them computing)`;
}

/**
 * Longest time between two turns of the event loop while the work goes on, milliseconds, and the most
 * that this thread computed between two: where others use the machine the first says little of us.
 */
async function longestStall(work: () => Promise<unknown>): Promise<Stall> {
  const clock = threadClock();
  const longest: Stall = { wall: 0, own: 0 };
  let last: Stall = { wall: performance.now(), own: clock.read() };
  let done = false;
  const take = () => {
    const now: Stall = { wall: performance.now(), own: clock.read() };
    longest.wall = Math.max(longest.wall, now.wall - last.wall);
    longest.own = Math.max(longest.own, now.own - last.own);
    last = now;
  };
  const turn = () => {
    if (done) return;
    take();
    setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work();
    take();
  } finally {
    done = true;
    clock.close();
  }
  return longest;
}

/** Milliseconds that the main thread has run on a processor so far (Linux; NaN elsewhere). */
function threadClock(): { read: () => number; close: () => void } {
  if (process.platform !== "linux") return { read: () => Number.NaN, close: () => {} };
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
  const text = Buffer.alloc(64);
  return {
    read: () =>
      Number.parseInt(text.toString("latin1", 0, readSync(file, text, 0, 64, 0)), 10) / 1e6,
    close: () => closeSync(file),
  };
}
