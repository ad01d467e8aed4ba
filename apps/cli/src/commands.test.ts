import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runCli } from "./app.ts";
import { EXIT } from "./exit-codes.ts";
import {
  createTestIo,
  startScriptedServer,
  type Reply,
  type ScriptedServer,
} from "./test-server.ts";

let dir: string;
let server: ScriptedServer;
let replies: Record<string, Reply>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-cli-"));
  replies = {};
  server = await startScriptedServer(
    (request) => replies[`${request.method} ${request.path.split("?")[0]}`] ?? { status: 404 },
  );
  const credentials = {
    url: server.url,
    project_id: 3,
    write_key: "the-write-key",
    api_key: "the-api-key",
    admin_key: "the-admin-key",
  };
  await writeFile(join(dir, "credentials.json"), JSON.stringify(credentials));
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

async function run(...args: string[]) {
  const io = createTestIo({ SIGNALPATH_DATA_DIR: dir });
  const code = await runCli(args, io);
  return { code, out: io.stdout(), err: io.stderr(), last: server.seen.at(-1) };
}

const KEY = {
  id: 4,
  project: 3,
  name: "shop",
  kind: "api",
  scopes: ["read"],
  source: null,
  profile: null,
  prefix: "abcdefgh",
  key_prefix: "abcdefgh",
  is_active: true,
  status: "active",
  created_at: "2026-06-12T12:00:00.000Z",
  ins_datetime: "2026-06-12T12:00:00.000Z",
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
};

describe("wrong arguments", () => {
  it.each([
    [["models", "list", "--page", "x"], "a whole number from 1"],
    [["train", "--data", "1", "--kind", "content-ltr"], "Allowed choices are auto, popular"],
    [["train"], "required option '--data <what>'"],
    [["models", "shwo"], "unknown command 'shwo'"],
  ])("%j end with 2, a code and what is possible, nothing is asked", async (args, detail) => {
    const asked = await run(...args);
    expect(asked).toMatchObject({ code: EXIT.usage, out: "", last: undefined });
    expect(asked.err).toMatch(/^USAGE: /);
    expect(asked.err).toContain(detail);
    const { code, out } = await run(...args, "--json");
    expect(code).toBe(EXIT.usage);
    expect(JSON.parse(out)).toEqual({ code: "USAGE", detail: expect.stringContaining(detail) });
  });
});

describe("credentials", () => {
  it("come from the data dir, each call with the key it needs", async () => {
    replies["GET /api/v1/api_keys/"] = {
      body: { count: 1, next: null, previous: null, results: [KEY] },
    };
    const { code, out, last } = await run("keys", "list");
    expect(code).toBe(EXIT.ok);
    expect(last?.headers["x-api-key"]).toBe("the-admin-key");
    expect(out).toContain("abcdefgh");
    expect(out).toContain("1 of 1");
  });

  it("are overruled by the environment, and that by flags", async () => {
    replies["POST /api/rebuild"] = { body: { rebuilt: 1, unknown: [] } };
    const env = { SIGNALPATH_DATA_DIR: dir, SIGNALPATH_KEY: "from-env" };
    await runCli(["rebuild", "--all"], createTestIo(env));
    expect(server.seen.at(-1)?.headers["x-api-key"]).toBe("from-env");
    await runCli(["rebuild", "--all", "--key", "from-flag"], createTestIo(env));
    expect(server.seen.at(-1)?.headers["x-api-key"]).toBe("from-flag");
  });

  it("are missed aloud", async () => {
    const { code, err } = await run("rebuild", "--all", "--data-dir", join(dir, "nowhere"));
    expect(code).toBe(EXIT.usage);
    expect(err).toContain("SIGNALPATH_URL");
  });
});

describe("signalpath rebuild", () => {
  it("rebuilds the users named and tells of those it does not know", async () => {
    replies["POST /api/rebuild"] = { body: { rebuilt: 1, unknown: ["u2"] } };
    const { code, out, last } = await run("rebuild", "--user", "u1", "u2");
    expect(last?.body).toEqual({ user_ids: ["u1", "u2"] });
    expect(out).toContain("u2");
    expect(code).toBe(EXIT.incomplete);
  });

  it("with --features derives nothing else, of everybody or of the users named", async () => {
    replies["POST /api/rebuild"] = { body: { rebuilt: 3, unknown: [] } };
    const everybody = await run("rebuild", "--features");
    expect(everybody.last?.body).toEqual({ all: true, features: true });
    expect(everybody.code).toBe(EXIT.ok);
    const all = await run("rebuild", "--features", "--all");
    expect(all.last?.body).toEqual({ all: true, features: true });
    const some = await run("rebuild", "--features", "--user", "u1");
    expect(some.last?.body).toEqual({ user_ids: ["u1"], features: true });
  });

  it("wants either users or all", async () => {
    expect((await run("rebuild")).code).toBe(EXIT.usage);
    expect((await run("rebuild", "--all", "--user", "u1")).code).toBe(EXIT.usage);
    expect((await run("rebuild", "--features", "--all", "--user", "u1")).code).toBe(EXIT.usage);
    expect(server.seen).toHaveLength(0);
  });
});

describe("signalpath content import", () => {
  beforeEach(() => {
    replies["PUT /api/content"] = { body: { upserted: 2, unchanged: 0, version: 9 } };
  });

  it.each([
    ["items.json", JSON.stringify({ items: [{ item_id: "a", title: "A" }] })],
    ["items.ndjson", '{"item_id":"a","title":"A"}\n\n'],
    ["items.csv", "item_id,title,word_count,tags\na,A,,\n"],
  ])("reads %s", async (name, text) => {
    await writeFile(join(dir, name), text);
    const { code, last, out } = await run("content", "import", join(dir, name), "--json");
    expect(code).toBe(EXIT.ok);
    expect(last?.body).toEqual({ items: [{ item_id: "a", title: "A", tags: [] }] });
    expect(last?.headers["x-api-key"]).toBe("the-api-key");
    expect(JSON.parse(out)).toEqual({ items: 1, upserted: 2, unchanged: 0, version: 9 });
  });

  it("reads tags, numbers, places and vectors of a CSV", async () => {
    const path = join(dir, "rich.csv");
    const head = "item_id,title,tags,word_count,has_image,lat,lon,vector";
    await writeFile(path, `${head}\na,"A, b",topic:x|level:easy,120,true,52.1,9.9,0.6 0.8\n`);
    const { last } = await run("content", "import", path);
    expect(last?.body).toEqual({
      items: [
        {
          item_id: "a",
          title: "A, b",
          tags: [
            { facet: "topic", label: "x" },
            { facet: "level", label: "easy" },
          ],
          word_count: 120,
          has_image: true,
          lat: 52.1,
          lon: 9.9,
          vector: [0.6, 0.8],
        },
      ],
    });
  });

  it("derives vectors when asked", async () => {
    const path = join(dir, "items.json");
    await writeFile(path, '[{"item_id":"a","title":"Garden"}]');
    const { last } = await run("content", "import", path, "--derive-vectors");
    const body = last?.body as { items: { vector: number[] }[] } | undefined;
    const item = body?.items[0];
    expect(item?.vector).toHaveLength(64);
  });

  it("names the place of the first item that is wrong, and sends nothing", async () => {
    const path = join(dir, "items.ndjson");
    await writeFile(path, '{"item_id":"a","title":"A"}\n{"item_id":"b"}\n');
    const { code, err } = await run("content", "import", path);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain("items.ndjson:2: title");
    expect(server.seen).toHaveLength(0);
  });
});

describe("signalpath dead-letters", () => {
  it("lists with filters", async () => {
    const letter = {
      id: "d1",
      app: "ingest-webhook",
      code: "NO_IDENTITY",
      detail: "neither user nor device",
      received_at: "2026-06-12T12:00:00.000Z",
      event: {},
      truncated: false,
      replays: 0,
    };
    replies["GET /api/dead-letters"] = { body: { dead_letters: [letter], next: "c2" } };
    const { out, last } = await run("dead-letters", "list", "--code", "NO_IDENTITY");
    expect(last?.path).toContain("code=NO_IDENTITY");
    expect(out).toContain("d1");
    expect(out).toContain("--cursor c2");
    const whole = await run("dead-letters", "list", "--id", "d1", "--whole");
    expect(whole.last?.path).toMatch(/[?&]id=d1&whole=true/);
    expect(whole.last?.headers["x-api-key"]).toBe("the-admin-key");
  });

  it("replays ids or a code and fails when one is refused again", async () => {
    const results = [{ id: "d1", verdict: "dead_lettered", code: "NO_IDENTITY" }];
    replies["POST /api/dead-letters/replay"] = { body: { replayed: 0, results } };
    const { code, last } = await run("dead-letters", "replay", "d1", "--dry-run");
    expect(last?.body).toEqual({ ids: ["d1"], dry_run: true });
    expect(code).toBe(EXIT.incomplete);
    expect((await run("dead-letters", "replay")).code).toBe(EXIT.usage);
  });
});

describe("signalpath keys", () => {
  it("creates a key for the project of the credentials and shows it", async () => {
    replies["POST /api/v1/api_keys/"] = { status: 201, body: { ...KEY, key: "rctm_secret" } };
    const { out, last } = await run("keys", "create", "shop", "--scopes", "read,predict");
    expect(last?.body).toEqual({
      name: "shop",
      kind: "api",
      scopes: ["read", "predict"],
      project: 3,
    });
    expect(out).toContain("rctm_secret");
  });

  it("refuses a scope that does not exist before anything is sent", async () => {
    expect((await run("keys", "create", "x", "--scopes", "root")).code).toBe(EXIT.usage);
    expect(server.seen).toHaveLength(0);
  });

  it("revokes", async () => {
    replies["POST /api/v1/api_keys/4/revoke/"] = { body: KEY };
    expect(await run("keys", "revoke", "4")).toMatchObject({ code: EXIT.ok });
  });

  it("passes the service's refusal on with its code", async () => {
    const body = { detail: "no such key", code: "KEY_NOT_FOUND", request_id: "request-1" };
    replies["POST /api/v1/api_keys/5/revoke/"] = { status: 404, body };
    const { code, out } = await run("keys", "revoke", "5", "--json");
    expect(code).toBe(EXIT.refused);
    expect(JSON.parse(out)).toMatchObject({ code: "KEY_NOT_FOUND", detail: "no such key" });
  });
});

describe("signalpath erase", () => {
  it("prints the receipt; ids are data in the path", async () => {
    const removed = {
      archive: 5,
      dead_letters: 0,
      experiments: 0,
      buffers: 1,
      models: 1,
      features: 1,
    };
    const times = { erased_at: "2026-06-12T12:00:00Z", bus_forgets_at: "2026-06-19T12:00:00Z" };
    replies["DELETE /api/users/a%2Fb%3Fc"] = {
      body: { user_id: "a/b?c", removed, kept: ["training_data", "trained_models"], ...times },
    };
    const { code, out, last } = await run("erase", "a/b?c");
    expect(code).toBe(EXIT.ok);
    expect(last?.headers["x-api-key"]).toBe("the-admin-key");
    expect(out).toMatch(/archive\s+5/);
  });
});

describe("command line", () => {
  it("answers help with 0 and an unknown command with 2", async () => {
    const help = await run("--help");
    expect(help.code).toBe(EXIT.ok);
    expect(help.out).toContain("replay");
    expect((await run("fly")).code).toBe(EXIT.usage);
    expect((await run("replay", "x", "--batch", "0")).code).toBe(EXIT.usage);
  });
});
