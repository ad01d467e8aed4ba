import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runCli } from "./app.ts";
import { createTestIo, startScriptedServer, type Reply, type Seen } from "./test-server.ts";

export const V1 = "/api/v1";

/** A service that answers by method and path, the last answer again and again. For tests. */
export async function openRig() {
  const dir = await mkdtemp(join(tmpdir(), "signalpath-cli-"));
  const replies: Record<string, Reply | Reply[]> = {};
  const server = await startScriptedServer((request) => {
    const reply = replies[`${request.method} ${request.path.split("?")[0]}`];
    if (!Array.isArray(reply)) return reply ?? { status: 404 };
    return (reply.length > 1 ? reply.shift() : reply[0]) ?? { status: 404 };
  });
  return {
    dir,
    replies,
    server,
    async run(
      args: readonly string[],
      options: { stop?: boolean; env?: Record<string, string> } = {},
    ) {
      const env = { SIGNALPATH_URL: server.url, SIGNALPATH_KEY: "k", ...options.env };
      const io = createTestIo(env);
      if (options.stop === true) io.stop.abort();
      const code = await runCli(args, io);
      return { code, out: io.stdout(), err: io.stderr(), last: server.seen.at(-1) as Seen };
    },
    async close() {
      await server.close();
      await rm(dir, { recursive: true });
    },
  };
}
export type Rig = Awaited<ReturnType<typeof openRig>>;

export const AT = "2026-06-12T12:00:00.000Z";
export const MODEL = {
  id: 7,
  project: 1,
  name: "a model with a name that is longer than any table likes",
  kind: "ease",
  version: 2,
  last_version: 2,
  status: "COMPLETED",
  error: null,
  error_code: null,
  metrics: { "ndcg@20": 0.36 },
  file: "7/2-0123456789ab.spm",
  sha256: "ab".repeat(32),
  progress: 1,
  stage: null,
  training_run: 9,
  created_at: AT,
  ins_datetime: AT,
  updated_at: AT,
};
export const VERSION = {
  trained_model: 7,
  version: 2,
  serving: true,
  kind: "ease",
  file: MODEL.file,
  sha256: MODEL.sha256,
  bytes: 123_456_789,
  parameters: {},
  metrics: { "ndcg@20": 0.36 },
  data_rows: 100_836,
  data_digest: "cd".repeat(32),
  data_from: null,
  data_to: null,
  git_version: null,
  training_run: 9,
  created_at: AT,
};
export const RUN = {
  id: 9,
  project: 1,
  trained_model: 7,
  trigger: "create",
  retraining_schedule: null,
  training_data: 4,
  source: "training_data",
  kind: "ease",
  parameters: {},
  tune: null,
  seed: 1,
  split: "time",
  promotion: "better",
  status: "RUNNING",
  progress: 0.5,
  stage: "fitting",
  attempt: 1,
  version: null,
  metrics: {},
  data_rows: null,
  data_digest: null,
  error_code: null,
  error: null,
  created_at: AT,
  started_at: AT,
  finished_at: null,
  logs: [],
};
export const DONE = {
  ...RUN,
  status: "COMPLETED",
  progress: 1,
  version: 2,
  data_rows: 100,
  metrics: {
    "ndcg@20": 0.3612,
    "recall@20": 0.26,
    evaluation: {
      intervals: { "ndcg@20": [0.35, 0.37] },
      baselines: {
        popular: { "ndcg@20": 0.18, difference: { mean: 0.1812, interval: [0.17, 0.19] } },
      },
    },
    live: {
      version: 1,
      "ndcg@20": 0.3,
      difference: { mean: 0.0612, interval: [-0.001, 0.1] },
    },
    gate: { serve: false, reason: "not better by more than chance" },
  },
};
export const UPLOAD = {
  id: 4,
  project: 1,
  filename: "rows.csv",
  columns: ["user_id", "item_id"],
  rows: 2,
  users: 1,
  items: 2,
  digest: "ab".repeat(32),
  data_from: null,
  data_to: null,
  created_at: AT,
  ins_datetime: AT,
};
export const page = (...results: unknown[]) => ({
  body: { count: results.length, next: null, previous: null, results },
});
