import { randomBytes } from "node:crypto";

import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as api,
  type Attributes,
  type Span,
  type SpanContext,
  type TracerProvider,
} from "@opentelemetry/api";

import { readTraceHeaders, writeTraceHeaders, type HeaderValues } from "./trace-headers.ts";

export interface SpanOptions {
  /** `{operation} {destination template}` or `{method} {route}`: never an id. */
  name: string;
  kind: SpanKind;
  /** Headers of whoever caused this. Without a valid context in them a new trace begins. */
  parent?: HeaderValues;
  /** Headers of other causes: one link a distinct span. */
  links?: readonly HeaderValues[];
  attributes?: Attributes;
}

/** One piece of work in a trace. */
export interface Trace {
  /** 32 hex digits, for log lines. */
  traceId: string;
  /** What a message or a request caused by this work carries. */
  headers: Readonly<Record<string, string>>;
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** Ends the span; an error marks it. Once. */
  end(error?: unknown): void;
}

export interface Tracing {
  start(options: SpanOptions): Trace;
  /** False: ids travel on and nothing is recorded, so spans inside a process need not be made. */
  recording: boolean;
}

/** Spans a batch links to at most. */
const MAX_LINKS = 128;
const NAME = "signalpath";
/** New contexts that random bytes are drawn for at one time. */
const CONTEXTS_AT_ONCE = 128;

/**
 * Traces of one process. Without a provider nothing is recorded: a caller's trace context travels
 * on unchanged, and work without one gets an id of its own, so that its log lines can be joined.
 */
export function createTracing(provider?: TracerProvider): Tracing {
  const newContext = createContexts();
  return provider === undefined
    ? { recording: false, start: ({ parent }) => passedOn(parent, newContext) }
    : { recording: true, start: (options) => recorded(provider, options) };
}

/** Does a piece of work inside this process within a span of its own, where spans are recorded. */
export async function traceWork<T>(
  tracing: Tracing,
  { name, parent }: { name: string; parent: HeaderValues },
  work: () => Promise<T>,
): Promise<T> {
  if (!tracing.recording) return work();
  const trace = tracing.start({ name, kind: SpanKind.INTERNAL, parent });
  try {
    const result = await work();
    trace.end();
    return result;
  } catch (error) {
    trace.end(error);
    throw error;
  }
}

function passedOn(parent: HeaderValues | undefined, newContext: () => SpanContext): Trace {
  const context = readTraceHeaders(parent ?? {}) ?? newContext();
  return {
    traceId: context.traceId,
    headers: writeTraceHeaders(context),
    rename: () => {},
    set: () => {},
    end: () => {},
  };
}

/** New contexts; random bytes are drawn for many at once, since each draw costs a system call. */
function createContexts(): () => SpanContext {
  let pool = "";
  let next = 0;
  return () => {
    if (next === pool.length) {
      pool = randomBytes(24 * CONTEXTS_AT_ONCE).toString("hex");
      next = 0;
    }
    const traceId = pool.slice(next, next + 32);
    const spanId = pool.slice(next + 32, next + 48);
    next += 48;
    return { traceId, spanId, traceFlags: 0 };
  };
}

function recorded(provider: TracerProvider, options: SpanOptions): Trace {
  const parent = readTraceHeaders(options.parent ?? {});
  const context = parent === undefined ? ROOT_CONTEXT : api.setSpanContext(ROOT_CONTEXT, parent);
  const span = provider.getTracer(NAME).startSpan(
    options.name,
    {
      kind: options.kind,
      links: distinct(options.links ?? []).map((link) => ({ context: link })),
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
    },
    context,
  );
  return {
    traceId: span.spanContext().traceId,
    headers: writeTraceHeaders(span.spanContext()),
    rename: (name) => void span.updateName(name),
    set: (attributes) => void span.setAttributes(attributes),
    end: (error) => finish(span, error),
  };
}

function finish(span: Span, error: unknown): void {
  if (error !== undefined) {
    const { name } = error instanceof Error ? error : { name: typeof error };
    span.setAttribute("error.type", name);
    // The type alone: messages may carry user data.
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

function distinct(given: readonly HeaderValues[]): SpanContext[] {
  const found = new Map<string, SpanContext>();
  for (const each of given) {
    const context = readTraceHeaders(each);
    if (context !== undefined) found.set(`${context.traceId}${context.spanId}`, context);
    if (found.size === MAX_LINKS) break;
  }
  return [...found.values()];
}
