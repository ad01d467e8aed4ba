import type { deadLettersPage, ReplayResponse } from "@signalpath/contracts";
import type { NewDeadLetter } from "@signalpath/ports";
import { describe, expect, it } from "vitest";
import type { z } from "zod";

import { event, openIngest, type Ingest } from "./fixtures/open-ingest.ts";

const DAY_MS = 86_400_000;

type Page = z.output<typeof deadLettersPage>;

async function call(ingest: Ingest, path: string, body?: object, key = ingest.apiKey) {
  const response = await ingest.request(body === undefined ? null : JSON.stringify(body), {
    path: `/api/dead-letters${path}`,
    method: body === undefined ? "GET" : "POST",
    headers: { "x-api-key": key },
  });
  return { status: response.status, body: await response.json() };
}
async function list(ingest: Ingest, query = "", key = ingest.apiKey) {
  const { status, body } = await call(ingest, query, undefined, key);
  return { status, body: body as Page };
}
async function replay(ingest: Ingest, body: object, key = ingest.apiKey) {
  const answer = await call(ingest, "/replay", body, key);
  return { status: answer.status, body: answer.body as ReplayResponse };
}

/** Puts aside events that a later event map knows. */
async function withLetter(): Promise<Ingest> {
  const ingest = await openIngest();
  await ingest.send(event({ event: "Tip Feedback", properties: { id: "i", reaction: "yum" } }));
  return ingest;
}
async function learnYum({ projects, clock }: Ingest): Promise<void> {
  const events = { "Tip Feedback": { kind: "feedback" } };
  await projects.setEventMap(1, { version: 2, events, reactions: { yum: "like" } });
  clock.advance(60_000);
}
/** A letter as another app leaves it: an envelope of the bus. */
function envelopeLetter(changes: Record<string, unknown> = {}, app = "shop"): NewDeadLetter {
  const envelope = {
    event_id: "e-1",
    project_id: 1,
    user_id: "nora",
    kind: "feedback",
    item_id: "i",
    reaction: "like",
    occurred_at: "2026-06-12T11:00:00.000Z",
    received_at: "2026-06-12T11:00:00.000Z",
    ...changes,
  };
  return {
    projectId: 1,
    app,
    code: "HANDLER_FAILED",
    detail: "it failed",
    receivedAt: "2026-06-12T11:00:00.000Z",
    body: JSON.stringify(envelope),
    truncated: false,
    eventId: envelope.event_id,
  };
}

describe("GET /api/dead-letters", () => {
  it("lists newest first, by app and code, page by page", async () => {
    const ingest = await openIngest();
    for (const n of [1, 2, 3]) {
      await ingest.send(event({ messageId: n, userId: "" }));
      ingest.clock.advance(1_000);
    }
    await ingest.sendRaw("{");
    const admin = await ingest.issue({ scopes: ["admin"] });
    const all = await list(ingest, "?limit=3&whole=true", admin);
    expect(all.status).toBe(200);
    expect(all.body.dead_letters.map(({ code }) => code)).toEqual([
      "MALFORMED_JSON",
      "NO_IDENTITY",
      "NO_IDENTITY",
    ]);
    expect(all.body.dead_letters[0]).toMatchObject({
      app: "ingest-webhook",
      event: "{",
      replays: 0,
    });
    expect(all.body.dead_letters[1]?.event).toMatchObject({ messageId: 3, event: "Tip Liked" });
    const rest = await list(ingest, `?limit=3&cursor=${all.body.next}`);
    expect(rest.body.dead_letters).toHaveLength(1);
    expect(rest.body.next).toBeNull();
    expect((await list(ingest, "?code=MALFORMED_JSON")).body.dead_letters).toHaveLength(1);
    expect((await list(ingest, "?app=experiments")).body.dead_letters).toEqual([]);
  });

  it("shows what is too deep to be written again as text", async () => {
    const ingest = await openIngest();
    await ingest.sendRaw(`{"messageId":"d","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`);
    const admin = await ingest.issue({ scopes: ["admin"] });
    const [letter] = (await list(ingest, "?whole=true", admin)).body.dead_letters;
    expect(letter?.code).toBe("TOO_DEEP");
    expect(letter?.event).toMatch(/^\{"messageId":"d"/);
  });

  it("covers personal data, also for admin, unless an admin key asks for the whole", async () => {
    const ingest = await openIngest();
    const admin = await ingest.issue({ scopes: ["admin"] });
    const reaction = { id: "i", reaction: "yum", comment: "my knee hurts" };
    const context = { ip: "10.1.2.3", traits: { email: "nora@example.org" } };
    await ingest.send(event({ event: "Tip Feedback", properties: reaction, context }));
    await ingest.sendRaw('{"userId":"nora@example.org",');
    for (const key of [ingest.readKey, ingest.apiKey, admin]) {
      const { body } = await list(ingest, "", key);
      const text = JSON.stringify(body);
      expect(body.dead_letters).toHaveLength(2);
      expect(text).not.toMatch(/example\.org|10\.1\.2\.3|knee/);
      expect(text).toContain("yum");
      expect(text).toContain("m-1");
    }
    expect(await list(ingest, "?whole=true", ingest.apiKey)).toMatchObject({
      status: 403,
      body: { code: "SCOPE_MISSING" },
    });
    const whole = (await list(ingest, "?whole=true", admin)).body.dead_letters;
    expect(JSON.stringify(whole)).toContain("my knee hurts");
    const id = whole[0]?.id ?? "";
    const one = await list(ingest, `?whole=true&id=${id}`, admin);
    expect(one.body).toEqual({ dead_letters: [whole[0]], next: null });
    expect((await list(ingest, "?id=nowhere")).body.dead_letters).toEqual([]);
    const foreign = await ingest.projects.create("other");
    const key = await ingest.issue({ projectId: foreign.id, scopes: ["read"] });
    expect((await list(ingest, `?id=${id}`, key)).body.dead_letters).toEqual([]);
  });

  it("refuses bad queries, wrong keys and write keys of sources", async () => {
    const ingest = await openIngest();
    for (const query of ["?limit=0", "?limit=501", "?limit=x", "?cursor=../.."]) {
      expect((await list(ingest, query)).status).toBe(422);
    }
    expect((await list(ingest, "", "")).status).toBe(401);
    expect((await list(ingest, "", ingest.writeKey)).status).toBe(401);
    expect((await list(ingest, "", ingest.readKey)).status).toBe(200);
    expect((await replay(ingest, { code: "X" }, ingest.readKey)).status).toBe(403);
  });

  it("shows and replays only one's own project", async () => {
    const ingest = await withLetter();
    const other = await ingest.projects.create("other");
    const key = await ingest.issue({ projectId: other.id, scopes: ["read", "write"] });
    const [letter] = (await list(ingest)).body.dead_letters;
    const foreign = await list(ingest, "", key);
    expect(foreign.body.dead_letters).toEqual([]);
    const answer = await replay(ingest, { ids: [letter?.id] }, key);
    expect(answer.body.results).toEqual([{ id: letter?.id, verdict: "not_found" }]);
  });
});

describe("POST /api/dead-letters/replay", () => {
  it("judges again, publishes under a new id, and forgets the letter", async () => {
    const ingest = await withLetter();
    const [{ id } = { id: "" }] = (await list(ingest)).body.dead_letters;
    const before = await replay(ingest, { ids: [id, id, "nowhere"] });
    expect(before.body).toEqual({
      replayed: 0,
      results: [
        { id, verdict: "dead_lettered", code: "INVALID_EVENT" },
        { id: "nowhere", verdict: "not_found" },
      ],
    });
    await learnYum(ingest);
    const dry = await replay(ingest, { ids: [id], dry_run: true });
    expect(dry.body).toEqual({ replayed: 0, results: [{ id, verdict: "accepted" }] });
    expect(ingest.bus.stored).toEqual([]);
    const real = await replay(ingest, { ids: [id] });
    expect(real.body).toEqual({ replayed: 1, results: [{ id, verdict: "accepted" }] });
    expect(ingest.bus.stored).toMatchObject([
      {
        id: expect.stringMatching(/^[\w-]{43}:r1$/) as string,
        event: { event_id: "m-1", reaction: "like", received_at: "2026-06-12T12:00:00.000Z" },
      },
    ]);
    expect(await ingest.letters()).toEqual([]);
    const again = await replay(ingest, { ids: [id] });
    expect(again.body.results).toEqual([{ id, verdict: "not_found" }]);
    expect(ingest.bus.stored).toHaveLength(1);
  });

  it("is idempotent when the bus fails midway: the next replay has the next id", async () => {
    const ingest = await withLetter();
    await learnYum(ingest);
    ingest.bus.fate = () => "down";
    expect((await replay(ingest, { code: "INVALID_EVENT" })).status).toBe(503);
    expect((await ingest.letters())[0]?.replays).toBe(1);
    ingest.bus.fate = () => "ok";
    expect((await replay(ingest, { code: "INVALID_EVENT" })).body.replayed).toBe(1);
    expect(ingest.bus.stored[0]?.id).toMatch(/:r2$/);
  });

  it("what is archived already is a duplicate and its letter goes", async () => {
    const ingest = await openIngest();
    await ingest.deadLetters.put([envelopeLetter()]);
    const stored = JSON.parse(envelopeLetter().body) as Parameters<Ingest["archive"]["put"]>[0][0];
    await ingest.archive.put([stored]);
    const answer = await replay(ingest, { code: "HANDLER_FAILED" });
    expect(answer.body).toMatchObject({ replayed: 0, results: [{ verdict: "duplicate" }] });
    expect(ingest.bus.attempts).toBe(0);
    expect(await ingest.letters()).toEqual([]);
  });

  it("replays envelopes of other apps by the bus's own rules", async () => {
    const ingest = await openIngest();
    await ingest.deadLetters.put([
      envelopeLetter(),
      envelopeLetter({ event_id: "e-2", kind: "sang" }),
      envelopeLetter({ event_id: "e-3", project_id: 2 }),
      { ...envelopeLetter({ event_id: "e-4" }), body: '{"cut', truncated: true },
      { ...envelopeLetter({ event_id: "e-5" }), body: "no json" },
    ]);
    const answer = await replay(ingest, { code: "HANDLER_FAILED" });
    const verdicts = answer.body.results.map(({ verdict, code }) => code ?? verdict).sort();
    expect(verdicts).toEqual([
      "HANDLER_FAILED",
      "INVALID_EVENT",
      "INVALID_EVENT",
      "MALFORMED_JSON",
      "accepted",
    ]);
    expect(ingest.bus.stored.map(({ event }) => event.event_id)).toEqual(["e-1"]);
    expect(await ingest.letters()).toHaveLength(4);
  });

  it("erased users stay erased, old events expired, unstorable ones put aside", async () => {
    const ingest = await openIngest();
    await ingest.deadLetters.put([envelopeLetter()]);
    ingest.bus.fate = () => "refused";
    const refused = await replay(ingest, { code: "HANDLER_FAILED" });
    expect(refused.body.results[0]).toMatchObject({ verdict: "dead_lettered" });
    ingest.bus.fate = () => "erased";
    const erased = await replay(ingest, { code: "HANDLER_FAILED" });
    expect(erased.body.results[0]).toMatchObject({ verdict: "ignored", code: "USER_ERASED" });
    expect(await ingest.letters()).toEqual([]);
    await ingest.deadLetters.put([envelopeLetter()]);
    ingest.clock.advance(31 * DAY_MS);
    const old = await replay(ingest, { code: "HANDLER_FAILED" });
    expect(old.body.results[0]).toMatchObject({ verdict: "expired", code: "EXPIRED" });
  });

  it("reads all letters of a code, page by page", async () => {
    const ingest = await openIngest();
    await ingest.deadLetters.put(
      Array.from({ length: 1_203 }, (_, n) => envelopeLetter({ event_id: `e-${n}` })),
    );
    const answer = await replay(ingest, { code: "HANDLER_FAILED" });
    expect(answer.body.replayed).toBe(1_203);
    expect(new Set(ingest.bus.stored.map(({ event }) => event.event_id)).size).toBe(1_203);
  });

  it.each([{}, { ids: [] }, { ids: ["a"], code: "B" }, { ids: ["a"], more: 1 }, { ids: "a" }])(
    "refuses %j",
    async (body) => {
      expect((await replay(await openIngest(), body)).status).toBe(422);
    },
  );
});

describe("?project=", () => {
  it("is honoured for an admin key, refused for others", async () => {
    const ingest = await withLetter();
    const other = await ingest.projects.create("other");
    const admin = await ingest.issue({ scopes: ["admin"] });
    const found = async (query: string) => (await list(ingest, query, admin)).body.dead_letters;
    expect(await found("")).toHaveLength(1);
    expect(await found(`?project=${other.id}`)).toEqual([]);
    const foreign = await list(ingest, `?project=${other.id}`);
    expect(foreign).toMatchObject({ status: 403, body: { code: "FOREIGN_PROJECT" } });
    const replayed = await call(ingest, `/replay?project=${other.id}`, { ids: ["x"] });
    expect(replayed).toMatchObject({ status: 403, body: { code: "FOREIGN_PROJECT" } });
  });
});
