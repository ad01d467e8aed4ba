import { openBus } from "@signalpath/backends";
import { createMemoryArchive } from "@signalpath/ports";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { describeWithBinary } from "@signalpath/real-servers/for-tests.ts";
import { startNats } from "@signalpath/real-servers/nats.ts";
import { createTracing, sha256 } from "@signalpath/service-kit";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { like, openFlow, type Flow } from "./test-flow.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;

function recording() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const named = (name: string) =>
    exporter.getFinishedSpans().filter((span) => span.name.startsWith(name));
  return { tracing: createTracing(provider), named };
}

async function open(options: Parameters<typeof openFlow>[0]): Promise<Flow> {
  const flow = await openFlow(options);
  onTestFinished(() => flow.close());
  return flow;
}

async function send(flow: Flow, ...users: string[]): Promise<void> {
  const events = users.map((user, n) => like(`${user}-${n}`, user, "t1", Date.now() - 1_000));
  const { status } = await flow.call("POST", "/api/ingest", events, { traceparent });
  expect(status).toBe(200);
}

describe("a trace that a sender began", () => {
  it("is seen in the updater's log line without any exporter", async () => {
    const flow = await open({});
    await send(flow, "ann");
    await vi.waitFor(() => {
      const batch = flow.lines.find(
        (line) => line["consumer"] === "user-model-updater" && line["trace_id"] === TRACE,
      );
      expect(batch).toMatchObject({ msg: "batch", events: 1 });
    });
    const request = flow.lines.find((line) => line["msg"] === "request");
    expect(request).toMatchObject({
      trace_id: TRACE,
      route: expect.stringContaining("/api/ingest"),
    });
  });

  it("is continued by the spans of request, publish and batch, none named by an id", async () => {
    const { tracing, named } = recording();
    const flow = await open({ tracing });
    await send(flow, "ann", "bob");
    await vi.waitFor(() => expect(named("process signals.>")).not.toEqual([]));
    const [request] = named("POST /api/ingest");
    expect(request?.spanContext().traceId).toBe(TRACE);
    expect(request?.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
    const publishes = named("publish signals.tip.feedback");
    expect(publishes).toHaveLength(2);
    for (const span of publishes) {
      expect(span.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    }
    const batches = named("process signals.>");
    for (const batch of batches) expect(batch.spanContext().traceId).toBe(TRACE);
    const links = batches.flatMap((batch) => batch.links.map(({ context }) => context.spanId));
    expect(new Set(links)).toEqual(new Set(publishes.map((span) => span.spanContext().spanId)));
    expect(JSON.stringify(named("").map(({ name }) => name))).not.toMatch(/ann|bob/);
  });

  it("is one trace from the webhook to the saved model and its announcement", async () => {
    const { tracing, named } = recording();
    const flow = await open({ tracing });
    const heard: (string | undefined)[] = [];
    const ear = await flow.backends.bus.hear("users.model.updated", ({ headers }) => {
      heard.push(headers["traceparent"]);
    });
    onTestFinished(() => ear.close());
    await send(flow, "ann");
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    const [batch] = named("process signals.>");
    const batchId = batch?.spanContext().spanId;
    for (const name of ["save user_model", "publish users.model.updated"]) {
      const spans = named(name);
      expect(spans).toHaveLength(1);
      expect(spans[0]?.spanContext().traceId).toBe(TRACE);
      expect(spans[0]?.parentSpanContext?.spanId).toBe(batchId);
    }
    const [announced] = named("publish users.model.updated");
    expect(heard).toEqual([`00-${TRACE}-${announced?.spanContext().spanId}-01`]);
  });

  it("is carried by what an administrator and a reader publish", async () => {
    const { tracing } = recording();
    const flow = await open({ tracing });
    const heard = new Map<string, string | undefined>();
    for (const subject of ["keys.>", "content.>", "users.>"]) {
      const ear = await flow.backends.bus.hear(subject, (message) => {
        heard.set(message.subject, message.headers["traceparent"]?.split("-")[1]);
      });
      onTestFinished(() => ear.close());
    }
    const key = { project: flow.projectId, name: "k", scopes: ["read"] };
    const made = await flow.json("POST", "/api/v1/api_keys/", key);
    await flow.call("POST", `/api/v1/api_keys/${String(made["id"])}/revoke/`, undefined, {
      traceparent,
    });
    const items = [{ item_id: "t9", title: "t9", tags: [] }];
    await flow.call("PUT", "/api/content", { items }, { traceparent });
    await flow.call("GET", "/api/recommend?user_id=stranger", undefined, { traceparent });
    const subjects = ["keys.revoked", "content.changed", "users.refresh.requested"];
    await vi.waitFor(() => {
      for (const subject of subjects)
        expect([subject, heard.get(subject)]).toEqual([subject, TRACE]);
    });
  });

  it("is continued by recommend", async () => {
    const { tracing, named } = recording();
    const flow = await open({ tracing });
    await flow.call("GET", "/api/recommend?user_id=ann", undefined, { traceparent });
    expect(named("GET /api/recommend")[0]?.spanContext().traceId).toBe(TRACE);
    const line = flow.lines.find(({ route }) => route === "/api/recommend");
    expect(line).toMatchObject({ trace_id: TRACE });
    // Nobody knows her: the refresh it asks for belongs to the same trace.
    await vi.waitFor(() => {
      const [refresh] = named("process users.refresh.requested");
      expect(refresh?.spanContext().traceId).toBe(TRACE);
    });
  });

  it("is continued by what an administrator's change causes", async () => {
    const { tracing, named } = recording();
    const flow = await open({ tracing });
    const items = [{ item_id: "t1", title: "t1", tags: [] }];
    await flow.call("PUT", "/api/content", { items }, { traceparent });
    await flow.call("DELETE", "/api/users/ann", undefined, { traceparent });
    expect(named("publish users.erased")[0]?.spanContext().traceId).toBe(TRACE);
    await vi.waitFor(() => {
      const [refresh] = named("process content.changed");
      expect(refresh?.spanContext().traceId).toBe(TRACE);
    });
  });
});

describeWithBinary("nats", "a trace that a sender began", () => {
  it("travels in the headers of the message, up to the updater's span", async () => {
    const server = await startNats();
    onTestFinished(() => server.stop());
    const settings = { NODE_ENV: "test", NATS_URL: server.url };
    const { tracing, named } = recording();
    const flow = await open({ settings, tracing });
    const opening = { service: "ear", now: Date.now, sha256, warn: () => {}, onError: () => {} };
    const ear = await openBus(settings, opening, createMemoryArchive(opening));
    onTestFinished(() => ear.close());
    const heard: (string | undefined)[] = [];
    await ear.hear("signals.>", ({ headers }) => void heard.push(headers["traceparent"]));
    await send(flow, "ann");
    await vi.waitFor(() => expect(named("process signals.>")).toHaveLength(1));
    const [publish] = named("publish signals.tip.feedback");
    const sent = `00-${TRACE}-${publish?.spanContext().spanId}-01`;
    await vi.waitFor(() => expect(heard).toEqual([sent]));
    const [batch] = named("process signals.>");
    expect(batch?.spanContext().traceId).toBe(TRACE);
    expect(batch?.links.map(({ context }) => context.spanId)).toEqual([
      publish?.spanContext().spanId,
    ]);
  });
});
