import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ModelMetadata } from "@signalpath/contracts";
import { createKeyRing, signArtefact } from "@signalpath/model-loader";
import { buildInteractions, popular } from "@signalpath/models";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runCli } from "./app.ts";
import { EXIT } from "./exit-codes.ts";
import {
  createTestIo,
  startScriptedServer,
  type Reply,
  type ScriptedServer,
  type Seen,
} from "./test-server.ts";

const SECRET = "a secret of the tests";
const V1 = "/api/v1";

let dir: string;
let server: ScriptedServer;
let replies: Record<string, Reply | Reply[]>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-cli-"));
  replies = {};
  server = await startScriptedServer((request) => {
    const reply = replies[`${request.method} ${request.path.split("?")[0]}`];
    if (!Array.isArray(reply)) return reply ?? { status: 404 };
    return (reply.length > 1 ? reply.shift() : reply[0]) ?? { status: 404 };
  });
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

async function run(args: string[], options: { stop?: boolean; env?: object } = {}) {
  const env = { SIGNALPATH_URL: server.url, SIGNALPATH_KEY: "k", ...options.env };
  const io = createTestIo(env as Record<string, string>);
  if (options.stop === true) io.stop.abort();
  const code = await runCli(args, io);
  return { code, out: io.stdout(), err: io.stderr(), last: server.seen.at(-1) as Seen };
}

const AT = "2026-06-12T12:00:00.000Z";
const MODEL = {
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
  updated_at: AT,
};
const VERSION = {
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
const RUN = {
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
const DONE = {
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
const UPLOAD = {
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
};
const page = (...results: unknown[]) => ({
  body: { count: results.length, next: null, previous: null, results },
});

describe("signalpath import interactions", () => {
  it("sends the file as it is, and names the rows that were refused", async () => {
    const path = join(dir, "rows.jsonl");
    await writeFile(path, '{"user_id":"u","item_id":"i"}');
    replies[`POST ${V1}/training_data/`] = [
      { body: UPLOAD, status: 201 },
      {
        status: 422,
        body: {
          code: "VALIDATION_FAILED",
          detail: "1 bad row",
          request_id: "r",
          errors: [{ path: "1.item_id", message: "empty" }],
        },
      },
    ];
    const done = await run(["import", "interactions", path, "--json", "--user-column", "who"]);
    expect(done.code).toBe(EXIT.ok);
    expect(JSON.parse(done.out)).toMatchObject({ id: 4, rows: 2 });
    expect(done.last.path).toBe(
      `${V1}/training_data/?project=1&filename=rows.jsonl&user_column=who`,
    );
    expect(done.last.body).toEqual({ user_id: "u", item_id: "i" });
    const refused = await run(["import", "interactions", path]);
    expect(refused).toMatchObject({ code: EXIT.refused, out: "" });
    expect(refused.err).toBe("VALIDATION_FAILED: 1 bad row; 1.item_id: empty\n");
  });
});

describe("signalpath train", () => {
  beforeEach(() => {
    const asked = { body: { ...MODEL, status: "PENDING", version: null }, status: 202 };
    replies[`POST ${V1}/trained_model/`] = asked;
    replies[`POST ${V1}/trained_model/7/retrain/`] = asked;
    replies[`GET ${V1}/training_run/9/`] = [{ body: RUN }, { body: DONE }];
  });

  it("uploads a file, asks for the run, follows it and shows what the gate said", async () => {
    const path = join(dir, "rows.jsonl");
    await writeFile(path, '{"user_id":"u","item_id":"i"}');
    replies[`POST ${V1}/training_data/`] = { body: UPLOAD, status: 201 };
    const flags = ["--kind", "ease", "--seed", "5", "--tune", "8", "--promotion", "better"];
    const { code, out, err } = await run(["train", "--data", path, ...flags]);
    expect(code, err).toBe(EXIT.ok);
    expect(server.seen[1]?.body).toEqual({
      training_data: 4,
      kind: "ease",
      seed: 5,
      tune: { trials: 8 },
      promotion: "better",
      project: 1,
    });
    expect(server.seen.map(({ method, path: at }) => `${method} ${at.split("?")[0]}`)).toEqual([
      `POST ${V1}/training_data/`,
      `POST ${V1}/trained_model/`,
      `GET ${V1}/training_run/9/`,
      `GET ${V1}/training_run/9/`,
    ]);
    expect(out).toContain("0.3612");
    expect(out).toContain("0.3500 .. 0.3700");
    expect(out).toContain("version 1 (serves)");
    expect(out).toContain("gate: does not serve (not better by more than chance)");
    expect(err).toContain("signalpath models promote 7 2");
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("prints one JSON document, of the next version of a known model too", async () => {
    const done = await run(["train", "--data", "archive", "--model", "7", "--json"]);
    expect(done).toMatchObject({ code: EXIT.ok, err: "" });
    expect(JSON.parse(done.out)).toMatchObject({ id: 9, status: "COMPLETED" });
    expect(server.seen[0]?.path).toBe(`${V1}/trained_model/7/retrain/`);
    expect(server.seen[0]?.body).toEqual({ source: "archive" });
  });

  it("leaves at once with --detach", async () => {
    const { out } = await run(["train", "--data", "4", "--detach"]);
    expect(out).toContain("model 7: training run 9 waits");
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.body).toEqual({ training_data: 4, project: 1 });
  });

  it("cancels the run on Ctrl-C", async () => {
    const cancelled = { ...RUN, status: "CANCELLED" };
    replies[`GET ${V1}/training_run/9/`] = [{ body: RUN }, { body: cancelled }];
    replies[`POST ${V1}/training_run/9/cancel/`] = { body: cancelled };
    const { code, err } = await run(["train", "--data", "4"], { stop: true });
    expect(code).toBe(EXIT.interrupted);
    expect(err).toContain("CANCELLED: training run 9 was ended");
    expect(server.seen.map(({ method }) => method)).toEqual(["POST", "GET", "POST", "GET"]);
  });

  it("says why a run failed, and ends with 1", async () => {
    const failed = { ...RUN, status: "FAILED", error_code: "NO_DATA", error: "no rows" };
    replies[`GET ${V1}/training_run/9/`] = { body: failed };
    const { code, err, out } = await run(["train", "--data", "4"]);
    expect({ code, err, out }).toEqual({
      code: EXIT.incomplete,
      err: "NO_DATA: training run 9: no rows\n",
      out: "",
    });
  });

  it("asks for a training once, though the connection broke", async () => {
    replies[`POST ${V1}/trained_model/`] = { cut: true };
    const { code } = await run(["train", "--data", "4"]);
    expect(code).toBe(EXIT.unavailable);
    expect(server.seen).toHaveLength(1);
  });

  it("refuses what makes no sense before anything is sent", async () => {
    for (const args of [
      ["--data", "4", "--model", "7", "--name", "n"],
      ["--data", "4", "--tune-seconds", "3"],
      ["--data", "4", "--kind", "magic"],
      ["--data", "4", "--parameters", "[1]"],
      ["--data", "4", "--seed", "4294967296"],
      [],
    ]) {
      expect((await run(["train", ...args])).code, args.join(" ")).toBe(EXIT.usage);
    }
    expect(server.seen).toEqual([]);
  });
});

describe("signalpath models", () => {
  it("lists, shows and promotes, in tables of 80 columns", async () => {
    replies[`GET ${V1}/trained_model/`] = page(MODEL, { ...MODEL, status: "RUNNING" });
    replies[`GET ${V1}/trained_model/7/`] = { body: MODEL };
    replies[`GET ${V1}/trained_model/7/versions/`] = page(VERSION);
    replies[`POST ${V1}/trained_model/7/promote/`] = { body: { ...MODEL, version: 1 } };
    for (const args of [["list"], ["show", "7"]]) {
      const { code, out } = await run(["models", ...args]);
      expect(code).toBe(EXIT.ok);
      expect(out).toContain("0.3600");
      const tables = out.split("\n").filter((line) => /[│┌├└]/.test(line));
      expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(80);
    }
    const { out, last } = await run(["models", "promote", "7", "1"]);
    expect(last.body).toEqual({ version: 1 });
    expect(out).toBe("model 7: version 1 serves\n");
  });
});

describe("signalpath slots set", () => {
  const SLOT = {
    id: 3,
    project: 1,
    name: "main",
    trained_model: 7,
    weight: 50,
    is_active: true,
    variation_index: 0,
    created_at: AT,
    updated_at: AT,
  };

  it("changes the slot of that name, else makes it", async () => {
    replies[`GET ${V1}/deployment_slot/`] = page(SLOT);
    replies[`PATCH ${V1}/deployment_slot/3/`] = { body: SLOT };
    replies[`POST ${V1}/deployment_slot/`] = { body: SLOT, status: 201 };
    const changed = await run(["slots", "set", "main", "--weight", "0.5", "--off"]);
    expect(changed.last).toMatchObject({
      method: "PATCH",
      body: { weight: 0.5, is_active: false },
    });
    const made = await run(["slots", "set", "other", "--model", "8", "--json"]);
    expect(made.last).toMatchObject({
      method: "POST",
      body: { project: 1, name: "other", trained_model: 8 },
    });
    expect(JSON.parse(made.out)).toEqual(SLOT);
    expect((await run(["slots", "set", "other"])).err).toContain("a new one needs --model");
    expect((await run(["slots", "set", "main", "--weight", "101"])).code).toBe(EXIT.usage);
  });
});

describe("artefacts as files", () => {
  const metadata = {
    model_id: 7,
    project_id: 1,
    version: 4,
    created_at: AT,
    data_digest: "ab".repeat(32),
    rows: 2,
    metrics: {},
  } satisfies Partial<ModelMetadata>;

  async function artefact(secret = SECRET): Promise<string> {
    const rows = ["a", "b"].map((item_id) => ({ user_id: "u", item_id, weight: 1 }));
    const model = await popular.train(buildInteractions(rows), {}, { random: () => 0.5 });
    const encoded = popular.encode(model);
    const full = { ...metadata, ...encoded.metadata };
    const ring = createKeyRing({ secretKey: secret });
    const path = join(dir, "model.spm");
    await writeFile(path, signArtefact({ metadata: full, tensors: encoded.tensors }, ring).bytes);
    return path;
  }

  it("are verified and signed anew without a service", async () => {
    const path = await artefact();
    const env = { SECRET_KEY: SECRET };
    const verified = await run(["models", "verify", path, "--json"], { env });
    expect(verified.code).toBe(EXIT.ok);
    expect(JSON.parse(verified.out)).toMatchObject({ verified: true, kind: "popular", version: 4 });
    const key = Buffer.alloc(32, 7).toString("base64");
    const first = createKeyRing({ secretKey: SECRET }).signer?.kid;
    const out = join(dir, "new.spm");
    const old = await run(["models", "sign", path, "--out", out], {
      env: { MODEL_SIGNING_KEYS: `k2:${key}` },
    });
    expect(old.err).toMatch(/^MODEL_KEY_UNKNOWN: .*\n$/);
    expect(old.code).toBe(EXIT.refused);
    await run(["models", "sign", path, "--out", out], { env });
    expect(await readFile(out)).toEqual(await readFile(path));
    expect(first).toMatch(/^secret-/);
    const again = await run(["models", "sign", path, "--out", out], { env });
    expect(again).toMatchObject({ code: EXIT.usage, err: `USAGE: ${out} exists\n` });
    expect(server.seen).toEqual([]);
  });

  it("change their key and keep their contents", async () => {
    const [old, next] = [1, 2].map((fill) => Buffer.alloc(32, fill).toString("base64"));
    const path = await artefact();
    const rows = createKeyRing({ signingKeys: `old:${old}` });
    const source = createKeyRing({ secretKey: SECRET });
    expect(source.signer?.kid).not.toBe(rows.signer?.kid);
    const model = await popular.train(
      buildInteractions([{ user_id: "u", item_id: "a", weight: 1 }]),
      {},
      { random: () => 0.5 },
    );
    const encoded = popular.encode(model);
    const signed = signArtefact(
      { metadata: { ...metadata, ...encoded.metadata }, tensors: encoded.tensors },
      rows,
    );
    await writeFile(path, signed.bytes);
    const out = join(dir, "new.spm");
    const env = { MODEL_SIGNING_KEYS: `old:${old},next:${next}` };
    const done = await run(["models", "sign", path, "--out", out, "--key-id", "next"], { env });
    expect(done.code, done.err).toBe(EXIT.ok);
    const only = { MODEL_SIGNING_KEYS: `next:${next}` };
    expect((await run(["models", "verify", out], { env: only })).out).toContain("next");
    expect((await run(["models", "verify", path], { env: only })).code).toBe(EXIT.refused);
    expect((await run(["models", "sign", path, "--out", "x", "--key-id", "k"], { env })).err).toBe(
      "USAGE: no key k is set\n",
    );
  });

  it("that were changed or have no key are refused in one line", async () => {
    const path = await artefact();
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    const env = { SECRET_KEY: SECRET };
    const changed = await run(["models", "verify", path], { env });
    expect(changed.code).toBe(EXIT.refused);
    expect(changed.err).toMatch(/^MODEL_SIGNATURE_INVALID: [^\n]+\n$/);
    const keyless = await run(["models", "verify", path, "--data-dir", dir]);
    expect(keyless.err).toContain("set MODEL_SIGNING_KEYS or SECRET_KEY");
    await writeFile(join(dir, "secret"), `${SECRET}\n`);
    await artefact();
    expect((await run(["models", "verify", path, "--data-dir", dir])).code).toBe(EXIT.ok);
  });

  it("are handed to a service as they are", async () => {
    const path = join(dir, "model.spm");
    await writeFile(path, "[1]");
    replies[`POST ${V1}/trained_model/import/`] = { body: VERSION, status: 201 };
    const { code, last, out } = await run([
      "models",
      "register",
      path,
      "--project",
      "2",
      "--name",
      "n",
      "--serve",
      "--json",
    ]);
    expect(code).toBe(EXIT.ok);
    expect(last.path).toBe(`${V1}/trained_model/import/?project=2&name=n&serve=true`);
    expect(last.body).toEqual([1]);
    expect(JSON.parse(out)).toEqual(VERSION);
  });
});

describe("signalpath keys rotate", () => {
  it("shows the second key once and says how the first one ends", async () => {
    const created = {
      id: 5,
      project: 1,
      name: "shop",
      kind: "api",
      scopes: ["read"],
      source: null,
      profile: null,
      prefix: "abcdefgh",
      is_active: true,
      created_at: AT,
      expires_at: null,
      revoked_at: null,
      last_used_at: null,
      key: "abcdefgh-the-new-key",
    };
    replies[`POST ${V1}/api_keys/4/rotate/`] = { body: created, status: 201 };
    const { code, out, err } = await run(["keys", "rotate", "4"]);
    expect(code).toBe(EXIT.ok);
    expect(out.match(/abcdefgh-the-new-key/g)).toHaveLength(1);
    expect(err).toContain("signalpath keys revoke 4");
  });
});
