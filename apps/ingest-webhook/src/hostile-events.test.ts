import fc from "fast-check";
import { gzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { ingestResponse, signalEnvelope } from "@signalpath/contracts";
import { assertStorable } from "@signalpath/ports";

import { event, openIngest } from "./fixtures/open-ingest.ts";

/** Verdict or code of one event. */
async function judged(raw: unknown): Promise<string | undefined> {
  const { send } = await openIngest();
  const [result] = (await send([raw])).body.results;
  return result?.code ?? result?.verdict;
}

describe("type and name", () => {
  it.each(["record", "audiencelist", "merge", "group", "Group", "unheard-of", 5, {}])(
    "type %j is ignored",
    async (type) => expect(await judged(event({ type }))).toBe("IGNORED_TYPE"),
  );

  it.each(["", null, 3, {}, "https://example.test/", "x".repeat(100_000)])(
    "the name %j is not in the event map",
    async (name) => expect(await judged(event({ event: name }))).toBe("UNMAPPED_EVENT"),
  );

  it.each([null, "text", [], {}, { item_id: "" }, { item_id: {} }, { item_id: "x".repeat(201) }])(
    "properties %j name no item",
    async (properties) => expect(await judged(event({ properties }))).toBe("NO_ITEM"),
  );

  it("page and screen need an item", async () => {
    const bare = { event: undefined, properties: { url: "/" } };
    expect(await judged(event({ type: "page", ...bare }))).toBe("NO_ITEM");
    expect(await judged(event({ type: "SCREEN", properties: { id: 3 } }))).toBe("accepted");
  });
});

describe("identity", () => {
  it.each([
    "",
    "   ",
    "null",
    "UNDEFINED",
    "none",
    "NaN",
    "0",
    0,
    "true",
    false,
    "anonymous",
    " Guest ",
    "[object Object]",
    "00000000-0000-0000-0000-000000000000",
    {},
    [],
    null,
    "x".repeat(201),
  ])("%j is nobody", async (id) => {
    expect(await judged(event({ userId: id, anonymousId: id }))).toBe("NO_IDENTITY");
  });

  it("numbers and snake_case aliases are ids", async () => {
    expect(await judged(event({ userId: 12 }))).toBe("accepted");
    expect(await judged(event({ userId: undefined, anonymous_id: "device" }))).toBe("accepted");
  });
});

describe("time", () => {
  it.each([
    ["2026-05-13T12:00:00.000Z", "accepted"],
    ["2026-05-13T11:59:59.999Z", "EXPIRED"],
    ["2099-01-01T00:00:00Z", "accepted"],
    ["1999-12-31T00:00:00Z", "accepted"],
    ["garbage", "accepted"],
    [{}, "accepted"],
    [1e300, "accepted"],
  ])("timestamp %j: %s", async (timestamp, expected) => {
    expect(await judged(event({ timestamp }))).toBe(expected);
  });

  it("an expired event is expired every time it is sent", async () => {
    const { send } = await openIngest();
    const old = event({ timestamp: "2026-01-01T00:00:00Z" });
    expect((await send([old, old])).body.expired).toBe(2);
    expect((await send(old)).body.expired).toBe(1);
  });
});

describe("message ids", () => {
  it("missing, blank and broken ones get the same derived id", async () => {
    const { send } = await openIngest();
    const ids = [undefined, null, "", "  ", {}, [], true];
    const answer = await send(ids.map((messageId) => event({ messageId })));
    expect(answer.body).toMatchObject({ accepted: 1, duplicates: ids.length - 1 });
    expect(answer.body.results[0]?.message_id).toMatch(/^[\w-]{43}$/);
  });

  it("numbers are text, long ones become their hash, hostile ones are data", async () => {
    const { send, bus } = await openIngest();
    const hostile = ["signals.>", "a b\r\nX: y", "'; DROP TABLE x; --", "../..", "${x}", "名前"];
    const answer = await send(
      [912_535, "x".repeat(201), ...hostile].map((messageId) => event({ messageId })),
    );
    expect(answer.body.accepted).toBe(8);
    expect(answer.body.results[0]?.message_id).toBe("912535");
    expect(answer.body.results[1]?.message_id).toHaveLength(43);
    for (const { id, subject } of bus.stored) {
      expect(id).toMatch(/^[\w-]{43}$/);
      expect(subject).toBe("signals.tip.feedback");
    }
  });
});

describe("any body at all", () => {
  const anyEvent = fc.record(
    {
      type: fc.constantFrom("track", "identify", "alias", "page", 1, null),
      event: fc.oneof(
        fc.constantFrom("Tip Served", "Order Completed", "Tip Feedback"),
        fc.jsonValue(),
      ),
      messageId: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
      userId: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
      anonymousId: fc.jsonValue(),
      timestamp: fc.jsonValue(),
      context: fc.jsonValue(),
      traits: fc.jsonValue(),
      properties: fc.oneof(
        fc.record(
          {
            id: fc.oneof(fc.string({ unit: "binary" }), fc.double()),
            products: fc.oneof(fc.array(fc.record({ sku: fc.string() })), fc.jsonValue()),
            reaction: fc.constantFrom("like", "Done", "?", 1),
            ...Object.fromEntries(
              ["rating", "dwell_ms", "dwell_seconds", "position", "value", "price", "slot_id"]
                .concat([
                  "variation_id",
                  "experiment_id",
                  "request_id",
                  "session_id",
                  "impressions",
                ])
                .map((name) => [name, fc.oneof(fc.double(), fc.integer(), fc.jsonValue())]),
            ),
          },
          { requiredKeys: ["id"] },
        ),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  );
  const anyBody = fc.oneof(
    fc.array(fc.oneof(anyEvent, fc.jsonValue())).map((list) => JSON.stringify(list)),
    fc.json(),
    fc.string({ unit: "binary" }),
    fc.uint8Array().map((part) => new Uint8Array(part)),
  );

  it("gets an exact answer: 200 with a verdict an item, or 400; never a 5xx", async () => {
    const ingest = await openIngest();
    let ok = 0;
    await fc.assert(
      fc.asyncProperty(anyBody, async (body) => {
        const answer = await ingest.sendRaw(body);
        expect([200, 400]).toContain(answer.status);
        if (answer.status !== 200) return;
        ok++;
        const parsed = ingestResponse.parse(answer.body);
        const { received, results, ...counts } = parsed;
        expect(results).toHaveLength(received);
        expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(received);
        for (const result of results) {
          const isAside = result.verdict === "dead_lettered";
          expect(isAside && result.code === undefined).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
    expect(ok).toBeGreaterThan(50);
    expect(ingest.bus.stored.length).toBeGreaterThan(20);
    // Whatever came in, what goes out keeps the bus's own contract and fits every store.
    for (const { event } of ingest.bus.stored) {
      expect(signalEnvelope.parse(event)).toEqual(event);
      assertStorable(event);
    }
  });

  it("survives broken packing", async () => {
    const ingest = await openIngest();
    const encodings = fc.constantFrom(
      "gzip",
      "br",
      "deflate",
      "GZIP",
      " identity ",
      "x",
      "gzip, br",
    );
    await fc.assert(
      fc.asyncProperty(anyBody, encodings, async (body, encoding) => {
        const answer = await ingest.sendRaw(body, { headers: { "content-encoding": encoding } });
        expect([200, 400, 413, 415]).toContain(answer.status);
      }),
      { numRuns: 200 },
    );
  });
});

describe("broken compression", () => {
  const whole = gzipSync(JSON.stringify(event()));
  it.each([
    ["is no gzip at all", "gzip", Buffer.from('{"type":"track"}')],
    ["ends too early", "gzip", whole.subarray(0, whole.length - 9)],
    ["is another one", "br", whole],
    ["is longer than a letter", "gzip", Buffer.alloc(300_000, "x")],
  ])("that %s: 400, its bytes put aside first", async (_, encoding, sent) => {
    const { sendRaw, letters } = await openIngest();
    const headers = { "content-encoding": encoding };
    const answer = await sendRaw(new Uint8Array(sent), { headers });
    expect([answer.status, answer.body.code]).toEqual([400, "MALFORMED_JSON"]);
    const [letter, ...more] = await letters();
    expect(more).toEqual([]);
    const kept = Buffer.from(letter?.body ?? "", "base64");
    expect(letter?.truncated).toBe(sent.length > 256 * 1024);
    expect(kept.equals(sent.subarray(0, kept.length))).toBe(true);
    expect(kept.length).toBe(Math.min(sent.length, 196_608));
  });
});
