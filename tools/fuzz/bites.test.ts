import { SUBJECT_OF_KIND } from "@signalpath/contracts";
import { afterEach, expect, test } from "vitest";

import { caseOf, lineOf, withBody, type FuzzCase } from "./case.ts";
import { runDoor } from "./run.ts";
import { openWorld, type Target } from "./world.ts";

/** Makes a door faulty: what it answers instead, or undefined to let the request pass. */
type Fault = (world: Target, request: Request, body: string) => Promise<Response | undefined>;

const polluted = Object.prototype as { polluted?: number };
afterEach(() => delete polluted.polluted);

async function flawsUnder(fault: Fault): Promise<string> {
  const open = async (): Promise<Target> => {
    const world = await openWorld();
    const fetch = async (request: Request): Promise<Response> => {
      const body = await request.clone().text();
      return (await fault(world, request, body)) ?? world.fetch(request);
    };
    return { ...world, fetch };
  };
  const { failure } = await runDoor({ door: "ingest", runs: 400, seed: 7, open });
  return failure?.flaws.join("\n") ?? "nothing found";
}

const answer = (status: number, body: unknown) =>
  Response.json(body, { status, headers: { "x-request-id": "made-up-id" } });

test("a door that answers 500 for one input is found, and the input is small", async () => {
  const open = async (): Promise<Target> => {
    const world = await openWorld();
    const fetch = async (request: Request): Promise<Response> => {
      const body = await request.clone().text();
      if (!body.includes("dwell_ms")) return world.fetch(request);
      return answer(500, { detail: "oops", code: "INTERNAL", request_id: "made-up-id" });
    };
    return { ...world, fetch };
  };
  const { failure } = await runDoor({ door: "ingest", runs: 400, seed: 7, open });
  expect(failure?.flaws.join()).toContain("answered 500");
  // Shrunk: little is left beside what the fault looks for.
  expect(failure?.case.body?.length).toBeLessThan(600);
  expect(caseOf(lineOf(failure?.case as FuzzCase))).toEqual(failure?.case);
});

test("a door that pollutes a prototype is found", async () => {
  const found = await flawsUnder(async (_, _request, body) => {
    if (body.includes("__proto__")) polluted.polluted = 1;
    return undefined;
  });
  expect(found).toContain("a prototype was polluted");
});

test("a door that touches somebody else is found", async () => {
  const found = await flawsUnder(async (world, _request, body) => {
    if (body.includes("Order Completed")) await world.fetch(likeOfWitness(world));
    return undefined;
  });
  expect(found).toContain("the witness was touched");
});

test("a door that acknowledges what it dropped is found", async () => {
  const found = await flawsUnder(async (_, __, body) => {
    if (!body.startsWith("{") || !body.includes("Product Clicked")) return undefined;
    const result = {
      message_id: "lost",
      verdict: "accepted",
      subject: SUBJECT_OF_KIND.feedback.name,
    };
    const counters = { received: 1, accepted: 1, duplicates: 0, ignored: 0, expired: 0 };
    return answer(200, { ...counters, dead_lettered: 0, results: [result] });
  });
  expect(found).toContain('acknowledged and not archived: "lost"');
});

test("a door that puts nothing aside is found", async () => {
  const found = await flawsUnder(async (_, request, body) => {
    if (request.method !== "POST" || !body.endsWith("[")) return undefined;
    const error = { detail: "no JSON", code: "MALFORMED_JSON", request_id: "made-up-id" };
    return answer(400, error);
  });
  expect(found).toContain("refused and not put aside");
});

test("a door that miscounts is found", async () => {
  const found = await flawsUnder(async (world, request) => {
    const response = await world.fetch(request);
    if (response.status !== 200) return response;
    const body = (await response.json()) as { ignored: number };
    return answer(200, { ...body, ignored: body.ignored + 1 });
  });
  expect(found).toContain("ignored is");
});

test("a door that answers differently the second time is found", async () => {
  let count = 0;
  const found = await flawsUnder(async (_, _request, body) => {
    if (!body.includes("Tip Served")) return undefined;
    const code = count++ % 4 < 2 ? "UNSUPPORTED_BODY" : "MALFORMED_JSON";
    return answer(400, { detail: "no", code, request_id: "made-up-id" });
  });
  expect(found).toMatch(/sent again|refused and not put aside/);
});

test("a door that invents a code or a form of its own is found", async () => {
  const found = await flawsUnder(async (_, __, body) =>
    body === ""
      ? undefined
      : answer(400, { detail: "no", code: "NEVER_HEARD_OF", request_id: "made-up-id" }),
  );
  expect(found).toContain("the code NEVER_HEARD_OF is unknown");
  expect(await flawsUnder(async () => answer(400, { error: "no" }))).toContain("another form");
});

function likeOfWitness({ keys }: Target): Request {
  const event = {
    type: "track",
    event: "Tip Liked",
    userId: "wItness-7f3c9a",
    properties: { item_id: "i1" },
  };
  const one = withBody(
    { door: "ingest", method: "POST", path: "/api/ingest", key: "write", headers: {} },
    { bytes: Buffer.from(JSON.stringify(event)), headers: {} },
  );
  return new Request(`http://fuzz.test${one.path}`, {
    method: "POST",
    headers: { "x-write-key": keys.write },
    body: new Uint8Array(one.body ?? []),
  });
}
