import { SpanKind } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { traceBatch, tracePublish } from "./message-traces.ts";
import { openTracing } from "./open-tracing.ts";
import { readTraceHeaders, writeTraceHeaders } from "./trace-headers.ts";
import { createTracing } from "./tracing.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
const other = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
const server = { name: "GET", kind: SpanKind.SERVER };
const consumer = { filter: "signals.>", durable: "updater" };

function recording() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { tracing: createTracing(provider), spans: () => exporter.getFinishedSpans() };
}

describe("trace headers", () => {
  it.each([
    undefined,
    "",
    "x",
    `00-${TRACE}-b7ad6b7169203331`,
    `00-${TRACE.toUpperCase()}-b7ad6b7169203331-01`,
    `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
    `00-${TRACE}-0000000000000000-01`,
    `ff-${TRACE}-b7ad6b7169203331-01`,
    `${traceparent}-more`,
    `${traceparent}\r\nX-Evil: 1`,
  ])("%j is no trace context", (value) => {
    expect(readTraceHeaders({ traceparent: value })).toBeUndefined();
  });

  it("a later version may carry more, of which the known part is read", () => {
    const context = readTraceHeaders({ traceparent: `01-${TRACE}-b7ad6b7169203331-ff-more` });
    expect(context).toMatchObject({ traceId: TRACE, traceFlags: 1 });
  });

  it("what is written is read again, state included", () => {
    const given = { traceparent, tracestate: "vendor=1,other=x" };
    const context = readTraceHeaders(given);
    expect(context && writeTraceHeaders(context)).toEqual(given);
    expect(readTraceHeaders({ traceparent, tracestate: `a=${"x".repeat(600)}` })).toBeDefined();
  });

  it("any text is either a context that can be sent on, or none", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, tracestate) => {
        const context = readTraceHeaders({ traceparent: text, tracestate });
        if (context === undefined) return;
        for (const value of Object.values(writeTraceHeaders(context))) {
          expect(value).not.toMatch(/[\r\n]/);
        }
      }),
    );
    fc.assert(
      fc.property(fc.string(), (tracestate) => {
        const context = readTraceHeaders({ traceparent, tracestate });
        const written = writeTraceHeaders(context as NonNullable<typeof context>);
        expect(written["traceparent"]).toBe(traceparent);
        expect(written["tracestate"] ?? "").not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe("without a provider", () => {
  it("a caller's context travels on unchanged; work without one gets an id of its own", () => {
    const tracing = createTracing();
    const given = tracing.start({ ...server, parent: { traceparent } });
    expect(given).toMatchObject({ traceId: TRACE, headers: { traceparent } });
    const [a, b] = [
      tracing.start(server),
      tracing.start({ ...server, parent: { traceparent: "x" } }),
    ];
    expect(readTraceHeaders(a.headers)).toMatchObject({ traceId: a.traceId, traceFlags: 0 });
    expect(a.traceId).not.toBe(b.traceId);
  });

  it("is what an unset endpoint means", async () => {
    const tracing = await openTracing({ service: "s", version: "1", endpoint: undefined });
    expect(tracing.recording).toBe(false);
    await tracing.close();
  });
});

describe("with a provider", () => {
  it("a span continues the caller's trace and hands its own id on", () => {
    const { tracing, spans } = recording();
    const trace = tracing.start({ ...server, parent: { traceparent } });
    trace.rename("GET /api/recommend");
    trace.end(new TypeError("secret text"));
    const [span] = spans();
    expect(span).toMatchObject({ name: "GET /api/recommend", kind: SpanKind.SERVER });
    expect(span?.spanContext().traceId).toBe(TRACE);
    expect(span?.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
    expect(readTraceHeaders(trace.headers)?.spanId).toBe(span?.spanContext().spanId);
    expect(span?.attributes).toEqual({ "error.type": "TypeError" });
    expect(JSON.stringify(span?.status)).not.toContain("secret");
  });

  it("a publish names operation and subject", () => {
    const { tracing, spans } = recording();
    tracePublish(tracing, "signals.tip.feedback", { traceparent }).end();
    expect(spans()[0]).toMatchObject({
      name: "publish signals.tip.feedback",
      kind: SpanKind.PRODUCER,
      attributes: {
        "messaging.system": "nats",
        "messaging.destination.template": "signals.tip.feedback",
      },
    });
  });

  it("a batch of one cause belongs to its trace; of several it only links to them", () => {
    const { tracing, spans } = recording();
    const one = traceBatch(tracing, consumer, [{ headers: { traceparent } }, { headers: {} }]);
    one.trace.end();
    expect(one.logFields).toEqual({ trace_id: TRACE });
    const three = [{ headers: { traceparent } }, { headers: other }, { headers: other }];
    const many = traceBatch(tracing, consumer, three);
    many.trace.end();
    const [first, second] = spans();
    expect(first).toMatchObject({ name: "process signals.>", kind: SpanKind.CONSUMER });
    expect(first?.links).toHaveLength(1);
    expect(second?.parentSpanContext).toBeUndefined();
    expect(second?.links.map(({ context }) => context.traceId)).toEqual([
      TRACE,
      "4bf92f3577b34da6a3ce929d0e0e4736",
    ]);
    expect(second?.attributes["messaging.batch.message_count"]).toBe(3);
    expect(many.logFields).toEqual({
      trace_id: many.trace.traceId,
      caused_by: [TRACE, "4bf92f3577b34da6a3ce929d0e0e4736"],
    });
  });
});

describe("openTracing", () => {
  it("sends spans to the collector of the endpoint, the last ones when it closes", async () => {
    const { createServer } = await import("node:http");
    const seen: { url: string | undefined; body: string }[] = [];
    const collector = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        seen.push({ url: request.url, body });
        response.end("{}");
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
    const { port } = collector.address() as { port: number };
    const endpoint = `http://127.0.0.1:${port}/`;
    const tracing = await openTracing({ service: "shop", version: "1", endpoint });
    tracing.start({ ...server, parent: { traceparent } }).end();
    await tracing.close();
    collector.closeAllConnections();
    await new Promise((resolve) => collector.close(resolve));
    expect(seen).toHaveLength(1);
    expect(seen[0]?.url).toBe("/v1/traces");
    expect(seen[0]?.body).toContain(TRACE);
    expect(seen[0]?.body).toContain("shop");
  });
});
