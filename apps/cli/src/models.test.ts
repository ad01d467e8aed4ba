import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { ModelMetadata } from "@signalpath/contracts";
import { createKeyRing, signArtefact } from "@signalpath/model-loader";
import { buildInteractions, popular } from "@signalpath/models";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { EXIT } from "./exit-codes.ts";
import { AT, MODEL, openRig, page, V1, VERSION, type Rig } from "./test-rig.ts";

const SECRET = "a secret of the tests";

let rig: Rig;
let server: Rig["server"];
let replies: Rig["replies"];
let dir: string;
beforeEach(async () => {
  rig = await openRig();
  ({ server, replies, dir } = rig);
});
afterEach(() => rig.close());
const run: Rig["run"] = (args, options) => rig.run(args, options);

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
    is_shadow: false,
    variation_index: 0,
    created_at: AT,
    ins_datetime: AT,
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
      key_prefix: "abcdefgh",
      is_active: true,
      status: "active",
      created_at: AT,
      ins_datetime: AT,
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
