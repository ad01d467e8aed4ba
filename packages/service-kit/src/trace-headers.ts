import { createTraceState, isSpanContextValid, type SpanContext } from "@opentelemetry/api";
import { headers } from "@signalpath/contracts";

/** Headers of a request or a message, names in lower case. */
export type HeaderValues = Readonly<Record<string, string | undefined>>;

// version - trace id - parent id - flags; a later version may append fields, version 00 may not.
const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
/** What the W3C recommends to carry at least; longer ones are dropped whole. */
const MAX_TRACESTATE = 512;

/** Trace context of these headers (W3C Trace Context); undefined when there is none or it is invalid. */
export function readTraceHeaders(given: HeaderValues): SpanContext | undefined {
  const text = given[headers.traceparent];
  const [, version, traceId, spanId, flags, rest] = (text ?? "").match(TRACEPARENT) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  const state = given[headers.tracestate];
  const context: SpanContext = {
    traceId,
    spanId,
    // Only the flags that are known may travel on.
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(state === undefined || state.length > MAX_TRACESTATE
      ? {}
      : { traceState: createTraceState(state) }),
  };
  return isSpanContextValid(context) ? context : undefined;
}

/** The headers that carry a trace context on. */
export function writeTraceHeaders(context: SpanContext): Readonly<Record<string, string>> {
  const flags = context.traceFlags.toString(16).padStart(2, "0");
  const state = context.traceState?.serialize() ?? "";
  return {
    [headers.traceparent]: `00-${context.traceId}-${context.spanId}-${flags}`,
    ...(state === "" ? {} : { [headers.tracestate]: state }),
  };
}
