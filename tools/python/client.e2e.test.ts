import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, it } from "vitest";

import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";
import { askPython, describeWithPython, runPython } from "./python.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Python blocks of a page that stand for themselves: they open the client they use. */
function examplesIn(page: string): string[] {
  const text = readFileSync(`${root}${page}`, "utf8");
  return [...text.matchAll(/^```python\n([\s\S]*?)^```$/gm)]
    .map((match) => match[1] as string)
    .filter((code) => code.includes("from_credentials("));
}

const CLIENT = `
import dataclasses, json, os, sys
from signalpath import Client, NotFound, PROFILE_FEATURES
told = json.load(sys.stdin)
client = Client.from_credentials(os.environ["CREDENTIALS"])
`;

describeWithPython("the Python client against a standalone", () => {
  let standalone: StandaloneProcess;
  const ask = (script: string, input?: unknown) =>
    askPython(CLIENT + script, {
      env: { CREDENTIALS: `${standalone.dataDir}/credentials.json` },
      input,
    });

  beforeAll(async () => {
    standalone = await startStandalone();
  }, 120_000);
  afterAll(() => standalone?.stop(), 60_000);

  it("knows the features that are served, field by field", async () => {
    const { served, known } = (await ask(`
json.dump({
    "served": client.features_registry()["features"],
    "known": [
        {name: value for name, value in dataclasses.asdict(one).items() if name != "fallback_value"}
        for one in PROFILE_FEATURES
    ],
}, sys.stdout)
`)) as { served: unknown[]; known: unknown[] };
    expect(known.length).toBeGreaterThan(0);
    expect(known).toEqual(served);
  });

  it("serves a catalogue, events, a list and features", async () => {
    const items = ["a", "b", "c", "d"].map((id, at) => ({
      item_id: `py-${id}`,
      title: `Tip ${id}`,
      tags: [{ facet: "topic", label: at < 2 ? "solar" : "garden" }],
    }));
    const first = (await ask(
      `
put = client.put_content(told)
events = client.prepare([
    {"type": "track", "event": "Tip Served", "userId": "pia", "properties": {"item_id": "py-a"}},
    {"type": "track", "event": "Tip Done", "userId": "pia", "properties": {"item_id": "py-a"}},
])
json.dump({"put": put, "one": client.batch(events), "two": client.batch(events)}, sys.stdout)
`,
      items,
    )) as Record<"put" | "one" | "two", Record<string, unknown>>;
    expect(first.put).toMatchObject({ upserted: 4 });
    expect(first.one).toMatchObject({ accepted: 2, duplicates: 0 });
    expect(first.two).toMatchObject({ accepted: 0, duplicates: 2 });

    const read = `
def settled():
    try:
        return client.usermodel("pia")["n_events"] == 2
    except NotFound:
        return False
features = client.features("pia")["features"]
answer = client.recommend("pia", limit=3, filter="topic:solar", exclude=["py-x"], explain=True)
json.dump({
    "settled": settled() and features["tip_volume_30d"]["value"] == 1,
    "items": answer["items"],
    "strategy": answer["strategy"],
    "features": features,
    "history": [one["kind"] for one in client.usermodel_history("pia")["events"]],
}, sys.stdout)
`;
    const deadline = Date.now() + 20_000;
    let answer = (await ask(read)) as Record<string, unknown>;
    while (answer["settled"] !== true && Date.now() < deadline) {
      await sleep(100);
      answer = (await ask(read)) as Record<string, unknown>;
    }
    expect(answer).toMatchObject({
      settled: true,
      strategy: "warm",
      // py-a is done; of the same topic only py-b is left.
      items: [{ item_id: "py-b", rank: 1 }],
      features: {
        completion_rate_30d: { value: 1, normalized: 1, stale: false },
        dismiss_rate_30d: { value: 0 },
        tip_volume_30d: { value: 1 },
      },
    });
    expect((answer["history"] as string[]).toSorted()).toEqual(["feedback", "served"]);
  });

  it.each(["README.md", "docs/guides/python.md"])("runs the example of %s", async (page) => {
    const [example, ...more] = examplesIn(page);
    expect(more).toEqual([]);
    const place = JSON.stringify(`${standalone.dataDir}/credentials.json`);
    const code = example?.replace('".signalpath/credentials.json"', place);
    expect(code).toContain(place);
    const { code: status, stdout, stderr } = await runPython(["-c", code as string]);
    expect(status, stderr).toBe(0);
    expect(stdout).not.toBe("");
  });

  it("tells errors as the service told them, rebuilds and erases", async () => {
    const answer = await ask(`
from signalpath import AuthenticationFailed, BadRequest, Client
def why(call):
    try:
        call()
    except (NotFound, AuthenticationFailed, BadRequest) as error:
        return [type(error).__name__, error.status, error.code, error.request_id is not None, bool(error.errors)]
stranger = Client(client._url, api_key="rctm_" + "x" * 64, retries=0)
json.dump({
    "unknown": why(lambda: client.usermodel("nobody")),
    "limit": why(lambda: client.recommend("pia", limit=101)),
    "key": why(lambda: stranger.usermodel("pia")),
    "rebuilt": client.rebuild(["pia", "nobody"]),
    "erased": client.erase("pia")["removed"]["archive"],
    "gone": why(lambda: client.usermodel("pia")),
    "deleted": [client.delete_content("py-a")["removed"], client.delete_content("py-a")["removed"]],
}, sys.stdout)
`);
    expect(answer).toEqual({
      unknown: ["NotFound", 404, "USER_MODEL_NOT_FOUND", true, false],
      limit: ["BadRequest", 422, "VALIDATION_FAILED", true, true],
      key: ["AuthenticationFailed", 401, "KEY_INVALID", true, false],
      rebuilt: { rebuilt: 1, unknown: ["nobody"] },
      erased: 2,
      gone: ["NotFound", 404, "USER_MODEL_NOT_FOUND", true, false],
      deleted: [true, false],
    });
  });

  it("does not lose an event to an unpacked or hostile body", async () => {
    const answer = await ask(`
events = [
    {"type": "track", "event": "Tip Liked", "userId": "paul", "properties": {"item_id": "py-%d" % n, "note": "x" * 200}}
    for n in range(600)
]
result = client.batch(events)
odd = client.track("Tip Liked", {"item_id": "py-b", "note": "\\ud800 \\u0000"}, user_id="paul")
json.dump([result["received"], result["accepted"], odd["verdict"]], sys.stdout)
`);
    expect(answer).toEqual([600, 600, "accepted"]);
  });
});
