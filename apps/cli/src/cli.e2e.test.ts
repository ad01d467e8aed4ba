import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";
import { runCli } from "./app.ts";
import { EXIT } from "./exit-codes.ts";
import { createTestIo } from "./test-server.ts";

let standalone: StandaloneProcess;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "signalpath-cli-e2e-"));
  standalone = await startStandalone();
}, 120_000);
afterAll(async () => {
  await standalone?.stop();
  await rm(dir, { recursive: true });
}, 60_000);

/** Finds service and keys in the data dir, as a person in the same folder would. */
async function run(...args: string[]): Promise<{ code: number; answer: Record<string, unknown> }> {
  const io = createTestIo({ SIGNALPATH_DATA_DIR: standalone.dataDir });
  const code = await runCli([...args, "--json"], io);
  return { code, answer: JSON.parse(io.stdout()) as Record<string, unknown> };
}

// One story on one service: each step finds what the one before has left.
describe.sequential("signalpath against a running service", () => {
  it("imports a catalogue, and an equal one changes nothing", async () => {
    const path = join(dir, "items.csv");
    const rows = Array.from(
      { length: 30 },
      (_, i) => `i${i},Title ${i},topic:${i % 2 ? "sun" : "rain"}`,
    );
    await writeFile(path, ["item_id,title,tags", ...rows].join("\n"));
    const first = await run("content", "import", path, "--derive-vectors");
    expect(first).toMatchObject({ code: EXIT.ok, answer: { items: 30, upserted: 30 } });
    const second = await run("content", "import", path, "--derive-vectors");
    expect(second).toMatchObject({ code: EXIT.ok, answer: { upserted: 0, unchanged: 30 } });
  });

  it("replays events; what is refused is listed and can be judged again", async () => {
    const path = join(dir, "events.jsonl");
    const events = [
      ...Array.from({ length: 20 }, (_, i) => ({
        type: "track",
        event: "Tip Liked",
        messageId: `m${i}`,
        userId: `u${i % 2}`,
        properties: { item_id: `i${i}` },
      })),
      { type: "track", event: "Tip Liked", messageId: "nobody", properties: { item_id: "i1" } },
    ];
    await writeFile(path, events.map((event) => JSON.stringify(event)).join("\n"));
    const sent = await run("replay", path, "--batch", "7");
    expect(sent.code).toBe(EXIT.incomplete);
    expect(sent.answer).toMatchObject({
      accepted: 20,
      dead_lettered: 1,
      codes: { NO_IDENTITY: 1 },
    });
    const again = await run("replay", path);
    expect(again.answer).toMatchObject({ accepted: 0, duplicates: 20 });

    const { answer } = await run("dead-letters", "list");
    const letters = answer["dead_letters"] as { id: string; code: string }[];
    expect(letters.map((letter) => letter.code)).toEqual(["NO_IDENTITY"]);
    const id = letters[0]?.id ?? "";
    const judged = await run("dead-letters", "replay", id, "--dry-run");
    expect(judged.code).toBe(EXIT.incomplete);
    expect(judged.answer).toMatchObject({ results: [{ id, verdict: "dead_lettered" }] });
  });

  it("rebuilds models and names who is unknown", async () => {
    expect(await run("rebuild", "--user", "u0", "stranger")).toEqual({
      code: EXIT.incomplete,
      answer: { rebuilt: 1, unknown: ["stranger"] },
    });
    expect(await run("rebuild", "--all")).toMatchObject({ code: EXIT.ok, answer: { rebuilt: 2 } });
  });

  it("creates a key that works until it is revoked", async () => {
    const created = await run("keys", "create", "reader");
    const list = (key: string) =>
      fetch(`${standalone.url}/api/recommend?user_id=u0`, { headers: { "x-api-key": key } });
    expect((await list(String(created.answer["key"]))).status).toBe(200);
    const { answer } = await run("keys", "list");
    expect(answer["results"]).toContainEqual(expect.objectContaining({ name: "reader" }));
    expect((await run("keys", "revoke", String(created.answer["id"]))).code).toBe(EXIT.ok);
    expect((await list(String(created.answer["key"]))).status).toBe(401);
  });

  it("erases a person, and again with the same receipt", async () => {
    const first = await run("erase", "u0");
    expect(first).toMatchObject({
      code: EXIT.ok,
      answer: { user_id: "u0", removed: { archive: 10 } },
    });
    expect((await run("erase", "u0")).code).toBe(EXIT.ok);
    const model = await fetch(`${standalone.url}/api/usermodel?user_id=u0`, {
      headers: { "x-api-key": standalone.keys.api },
    });
    expect(model.status).toBe(404);
  });
});
