import { LIVE_EVENTS, systemAnswer, type LiveSecond } from "@signalpath/contracts";
import { serve } from "@signalpath/service-kit";
import { expect, it, onTestFinished, vi } from "vitest";

import { like, openFlow } from "./test-flow.ts";

it("live: an event sent over HTTP is told with its verdict, then counted as a fresh model", async () => {
  const flow = await openFlow();
  onTestFinished(() => flow.close());
  const server = await serve((request, env) => flow.edge.fetch(request, env), {
    host: "127.0.0.1",
    port: 0,
  });
  const stop = new AbortController();
  onTestFinished(async () => {
    stop.abort();
    await server.drain(1_000);
  });
  const headers = { "x-api-key": flow.key };
  const answer = await fetch(`${server.url}/api/live`, { headers, signal: stop.signal });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  let text = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
    }
  })().catch(() => undefined);
  const of = (name: keyof typeof LIVE_EVENTS) =>
    [...text.matchAll(new RegExp(`event: ${name}\ndata: (.*)\n\n`, "g"))].map(
      ([, data = ""]) => LIVE_EVENTS[name].parse(JSON.parse(data)) as unknown,
    );
  await fetch(`${server.url}/api/ingest`, {
    method: "POST",
    headers,
    body: JSON.stringify([like("m1", "ann", "t1", Date.now()), { type: "group" }]),
  });
  await vi.waitFor(() => expect(of("verdict")).toHaveLength(2), 30_000);
  expect(of("verdict")).toMatchObject([
    { verdict: "accepted", item_id: "t1", subject: "signals.tip.feedback" },
    { verdict: "ignored", code: "IGNORED_TYPE" },
  ]);
  expect(text).not.toContain("ann");
  const seconds = () => of("second") as LiveSecond[];
  await vi.waitFor(
    () => {
      const fresh = seconds().flatMap(({ freshness }) => freshness.counts);
      expect(fresh.reduce((a, b) => a + b, 0)).toBe(1);
      expect(
        seconds()
          .at(-1)
          ?.lag.map(({ consumer }) => consumer),
      ).toContain("user-model-updater");
    },
    { timeout: 30_000, interval: 50 },
  );
  const sum = (name: "accepted" | "ignored") =>
    seconds().reduce((all, { totals }) => all + totals[name], 0);
  expect([sum("accepted"), sum("ignored")]).toEqual([1, 1]);
  const system = async () => systemAnswer.parse(await flow.json("GET", "/api/v1/system/"));
  expect((await system()).live.clients).toBe(1);
  // Each says so every five seconds; the first words may have come before anybody listened.
  await vi.waitFor(
    async () =>
      expect((await system()).services.map(({ service }) => service)).toEqual([
        "experiments",
        "inference-gateway",
        "ingest-webhook",
        "management-api",
        "recommender",
        "trainer",
        "user-model-updater",
      ]),
    { timeout: 30_000, interval: 100 },
  );
  stop.abort();
  await reading;
});
