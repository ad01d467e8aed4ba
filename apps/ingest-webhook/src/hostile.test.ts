import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { event, openIngest } from "./fixtures/open-ingest.ts";

const MIB = 1024 * 1024;
const bytes = (...parts: (string | number[])[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
const zeros = { accepted: 0, duplicates: 0, ignored: 0, expired: 0, dead_lettered: 0 };

describe("bodies nothing can be read from", () => {
  it.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ["an empty body", ""],
    ["blanks", "  \n "],
    ["cut off", '{"type":"track"'],
    ["NDJSON", `${JSON.stringify(event())}\n${JSON.stringify(event())}\n`],
    ["XML", "<event/>"],
    ["a form", "type=track&event=x"],
    ["a bare word", "undefined"],
    ["single quotes", "{'type':'track'}"],
    ["a control character in a string", '{"type":"tr\u0001ack"}'],
    ["invalid UTF-8", bytes('{"a":"', [0xc3, 0x28], '"}')],
    ["UTF-16", bytes([0xff, 0xfe, 0x7b, 0, 0x7d, 0])],
    ["an encoded surrogate", bytes('"', [0xed, 0xa0, 0x80], '"')],
  ])("%s: 400 MALFORMED_JSON, put aside first", async (_, body) => {
    const { sendRaw, letters } = await openIngest();
    const answer = await sendRaw(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      detail: expect.any(String) as string,
      code: "MALFORMED_JSON",
      request_id: expect.any(String) as string,
    });
    const [letter, ...more] = await letters();
    expect(more).toEqual([]);
    expect(letter).toMatchObject({ code: "MALFORMED_JSON", truncated: false });
    const text = Buffer.from(body)
      .toString("utf8")
      .replace(/^\ufeff/, "");
    expect(letter?.body).toBe(text.replaceAll("\0", ""));
  });

  it("cuts what it puts aside at 256 kB", async () => {
    const { sendRaw, letters } = await openIngest();
    expect((await sendRaw(`{"x":"${"é".repeat(300_000)}`)).status).toBe(400);
    const [letter] = await letters();
    expect(letter?.truncated).toBe(true);
    expect(Buffer.byteLength(letter?.body ?? "")).toBeLessThanOrEqual(256 * 1024);
  });

  it.each(["null", "true", "7", '"text"', '{"batch":null}', '{"batch":{}}', '{"batch":"x"}'])(
    "%s: 400 UNSUPPORTED_BODY",
    async (body) => {
      const { sendRaw } = await openIngest();
      const answer = await sendRaw(body);
      expect([answer.status, answer.body.code]).toEqual([400, "UNSUPPORTED_BODY"]);
    },
  );
});

describe("bodies that are read", () => {
  it.each(["[]", '{"batch":[]}', " [ ] "])("%s: 200 with zeros", async (body) => {
    const answer = await (await openIngest()).sendRaw(body);
    expect([answer.status, answer.body]).toEqual([200, { received: 0, ...zeros, results: [] }]);
  });

  it("a byte order mark is stripped", async () => {
    const { sendRaw } = await openIngest();
    expect((await sendRaw(bytes([0xef, 0xbb, 0xbf], JSON.stringify(event())))).body.accepted).toBe(
      1,
    );
  });

  it("one object, an array and {batch} mean the same; so do other fields of the envelope", async () => {
    const { send } = await openIngest();
    expect((await send(event())).body.accepted).toBe(1);
    expect((await send([event({ messageId: "b" })])).body.accepted).toBe(1);
    expect((await send({ batch: [event({ messageId: "c" })], sentAt: "x" })).body.accepted).toBe(1);
    expect((await send(event({ messageId: "d", batch: "of a bakery" }))).body.accepted).toBe(1);
  });

  it("NUL goes, lone surrogates become U+FFFD", async () => {
    const { sendRaw, bus } = await openIngest();
    const text = JSON.stringify(event()).replace('"tip-1"', String.raw`"ti\u0000p-\ud800"`);
    expect((await sendRaw(text)).body.accepted).toBe(1);
    expect(bus.stored[0]?.event.item_id).toBe("tip-\ufffd");
  });

  it("members that are no object are put aside, their neighbours pass", async () => {
    const { send } = await openIngest();
    const answer = await send([null, 1, "x", true, [event()], event()]);
    expect(answer.body).toMatchObject({ received: 6, accepted: 1, dead_lettered: 5 });
    expect(answer.body.results.slice(0, 5)).toEqual(
      Array.from({ length: 5 }, () => ({
        message_id: null,
        verdict: "dead_lettered",
        code: "NOT_AN_OBJECT",
      })),
    );
  });

  it("duplicate keys: the last counts, as JSON.parse has it", async () => {
    const { sendRaw, bus } = await openIngest();
    const text = JSON.stringify(event()).replace('"userId":"nora"', '"userId":"a","userId":"b"');
    expect((await sendRaw(text)).body.accepted).toBe(1);
    expect(bus.stored[0]?.event.user_id).toBe("b");
  });

  it("keys that could reach a prototype are put aside and pollute nothing", async () => {
    const { sendRaw } = await openIngest();
    const hostile = '{"__proto__":{"polluted":1},"type":"track","messageId":"p"}';
    const nested = '{"properties":{"constructor":{"prototype":{"polluted":1}}},"messageId":"q"}';
    const answer = await sendRaw(`[${hostile},${nested},${JSON.stringify(event())}]`);
    expect(answer.body.results.map(({ code, verdict }) => code ?? verdict)).toEqual([
      "UNSAFE_BODY",
      "UNSAFE_BODY",
      "accepted",
    ]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("an event nested deeper than 40 is put aside, at any depth, alone or among others", async () => {
    const { sendRaw, letters } = await openIngest();
    const deep = (levels: number): string =>
      `{"messageId":"deep-${levels}","userId":"u","x":${"[".repeat(levels)}${"]".repeat(levels)}}`;
    expect((await sendRaw(deep(40))).body.results).toEqual([
      { message_id: "deep-40", verdict: "dead_lettered", code: "TOO_DEEP" },
    ]);
    const answer = await sendRaw(`[${deep(100_000)},${JSON.stringify(event())}]`);
    expect(answer.status).toBe(200);
    expect(answer.body.results.map(({ code, verdict }) => code ?? verdict)).toEqual([
      "TOO_DEEP",
      "accepted",
    ]);
    const letter = (await letters()).find(({ eventId }) => eventId === "deep-100000");
    expect(letter?.body).toBe(deep(100_000));
    expect((await sendRaw(`[${"[".repeat(200_000)}${"]".repeat(200_000)}]`)).status).toBe(200);
  });
});

describe("sizes, on decompressed bytes", () => {
  const padded = (messageId: string, size: number): string => {
    const empty = JSON.stringify(event({ messageId, pad: "" }));
    return JSON.stringify(event({ messageId, pad: "x".repeat(size - empty.length) }));
  };

  it("an event of 4,096,000 bytes passes, one byte more alone is 413", async () => {
    const { sendRaw } = await openIngest();
    expect((await sendRaw(padded("fits", 4_096_000))).body.accepted).toBe(1);
    const answer = await sendRaw(padded("too-large", 4_096_001));
    expect([answer.status, answer.body.code]).toEqual([413, "BODY_TOO_LARGE"]);
  });

  it("inside an array or batch it is put aside and its neighbours pass", async () => {
    const { sendRaw, letters } = await openIngest();
    const small = JSON.stringify(event());
    const body = `{"batch":[${padded("too-large", 4_096_001)},${small},${padded("fits", 4_096_000)}]}`;
    const answer = await sendRaw(body);
    expect(answer.body.results).toEqual([
      { message_id: "too-large", verdict: "dead_lettered", code: "EVENT_TOO_LARGE" },
      { message_id: "m-1", verdict: "accepted", subject: "signals.tip.feedback" },
      { message_id: "fits", verdict: "accepted", subject: "signals.tip.feedback" },
    ]);
    expect(await letters()).toMatchObject([{ code: "EVENT_TOO_LARGE", truncated: true }]);
  });

  it("a normal form over 256 kB is put aside", async () => {
    const { send } = await openIngest();
    const identify = (size: number) =>
      event({ messageId: `t-${size}`, type: "identify", traits: { bio: "x".repeat(size) } });
    const answer = await send([identify(200_000), identify(262_144)]);
    expect(answer.body.results.map(({ code, verdict }) => code ?? verdict)).toEqual([
      "accepted",
      "EVENT_TOO_LARGE",
    ]);
    // Numbers are written longer than they came: 4 characters become 21.
    const numbers = `{"type":"identify","userId":"u","traits":{"n":[${Array.from({ length: 20_000 }, () => "1e20").join()}]}}`;
    const grown = await (await openIngest()).sendRaw(numbers);
    expect(grown.body.results[0]).toMatchObject({ code: "EVENT_TOO_LARGE" });
  });

  it("10 MiB pass, a byte more is 413, packed or not", async () => {
    const { sendRaw } = await openIngest();
    const list = (size: number): string => {
      const rest = `[${JSON.stringify(event())}`;
      return `${rest}${" ".repeat(size - rest.length - 1)}]`;
    };
    expect((await sendRaw(list(10 * MIB))).status).toBe(200);
    expect((await sendRaw(list(10 * MIB + 1))).status).toBe(413);
    const packed = new Uint8Array(gzipSync(list(10 * MIB + 1)));
    const answer = await sendRaw(packed, { headers: { "content-encoding": "gzip" } });
    expect([answer.status, answer.body.code]).toEqual([413, "BODY_TOO_LARGE"]);
  });

  it("a bomb stops at the cap", async () => {
    const { sendRaw } = await openIngest();
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(200 * MIB)));
    expect(bomb.length).toBeLessThan(MIB);
    const answer = await sendRaw(bomb, { headers: { "content-encoding": "gzip" } });
    expect(answer.status).toBe(413);
  });

  it("more events than can be judged are 413", async () => {
    const { sendRaw } = await openIngest();
    expect((await sendRaw(`[${"0,".repeat(100_000)}0]`)).status).toBe(413);
  });
});

describe("encodings, methods, paths, types", () => {
  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ] as const)("%s is unpacked", async (encoding, pack) => {
    const { sendRaw } = await openIngest();
    const packed = new Uint8Array(pack(JSON.stringify(event())));
    const answer = await sendRaw(packed, { headers: { "content-encoding": encoding } });
    expect(answer.body.accepted).toBe(1);
  });

  it("an encoding we do not know is 415, one that is broken is 400", async () => {
    const { sendRaw } = await openIngest();
    const unknown = await sendRaw("{}", { headers: { "content-encoding": "zstd" } });
    expect([unknown.status, unknown.body.code]).toEqual([415, "UNSUPPORTED_ENCODING"]);
    const broken = await sendRaw("no gzip", { headers: { "content-encoding": "gzip" } });
    expect([broken.status, broken.body.code]).toEqual([400, "MALFORMED_JSON"]);
  });

  it.each(["GET", "DELETE", "OPTIONS"])("%s is 405 and says what is allowed", async (method) => {
    const { sendRaw } = await openIngest();
    for (const path of ["/api/ingest", "/api/ingest/tenant"]) {
      const answer = await sendRaw(null, { method, path });
      expect([answer.status, answer.body.code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
      expect(answer.headers.get("allow")).toBe("POST, PUT, PATCH");
    }
  });

  it.each(["POST", "PUT", "PATCH"])(
    "%s is taken on any path below, never redirected",
    async (method) => {
      const { send } = await openIngest();
      const paths = [
        "/api/ingest",
        "/api/ingest/",
        "/api/ingest/acme/web?x=1",
        "/api/ingest/%2fx/é",
      ];
      for (const path of paths) {
        expect((await send(event({ messageId: path }), { method, path })).body.accepted).toBe(1);
      }
    },
  );

  it("a path that only starts alike is not ours", async () => {
    const { send } = await openIngest();
    expect((await send(event(), { path: "/api/ingestion" })).status).toBe(404);
  });

  it.each(["application/xml", "text/plain", "multipart/form-data", "nonsense"])(
    "content-type %s is not believed",
    async (type) => {
      const { send } = await openIngest();
      const answer = await send(event(), { headers: { "content-type": type } });
      expect(answer.body.accepted).toBe(1);
    },
  );

  it("keeps a caller's request id and mints one for anything else", async () => {
    const { send } = await openIngest();
    const kept = await send(event(), { headers: { "x-request-id": "my-request-1" } });
    expect(kept.headers.get("x-request-id")).toBe("my-request-1");
    const minted = await send(event(), { headers: { "x-request-id": "<script>" } });
    expect(minted.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  });
});
