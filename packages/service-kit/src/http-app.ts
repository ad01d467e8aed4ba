import type { ServerResponse } from "node:http";

import {
  headers,
  openApiDocument,
  REQUEST_ID_PATTERN,
  ServiceError,
  type Endpoint,
} from "@signalpath/contracts";
import { SpanKind } from "@opentelemetry/api";
import type { Probe } from "@signalpath/ports";
import { Hono, type Context } from "hono";

import { createAllowedMethods } from "./allowed-methods.ts";
import type { Kit } from "./app.ts";
import { docsFile, docsHtml } from "./docs-page.ts";
import { errorBodyOf, toServiceError } from "./error-map.ts";
import type { Logger } from "./logger.ts";
import { createReadiness } from "./probes.ts";
import { createQueryNames } from "./query-names.ts";
import type { HeaderValues } from "./trace-headers.ts";
import { createTracing, type Trace } from "./tracing.ts";

/** Variables every handler of a kit app finds on its context. */
export interface KitVariables {
  requestId: string;
  /** More fields for the request's one log line. */
  logFields: Record<string, unknown>;
  /** The caller's trace, or a new one. What the request causes carries its headers. */
  trace: Trace;
  /** Query parameters the matched call takes; undefined = whatever is sent. */
  queryNames: ReadonlySet<string> | undefined;
}
export type KitHono = Hono<{ Variables: KitVariables }>;
export type KitContext = Context<{ Variables: KitVariables }>;

export interface HttpAppOptions {
  service: string;
  version: string;
  kit: Kit;
  probes: readonly Probe[];
  endpoints: readonly Endpoint[];
  /** Asked by `/readyz`. */
  state: () => "starting" | "running" | "draining";
  /** Level of the one line a request gets; failures of ours are always `error`. */
  requestLevel?: "info" | "debug";
}

/**
 * A Hono app with what all apps share: `X-Request-ID`, one log line and one duration a request,
 * errors as `{detail, code, request_id}`, `/livez`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`.
 */
export function createHttpApp(options: HttpAppOptions): KitHono {
  const app: KitHono = new Hono<{ Variables: KitVariables }>();
  const { logger, metrics, now, newId } = options.kit;
  const durations = metrics.histogram(
    "http_server_request_duration_seconds",
    "Time from request to answer",
    ["service", "route", "method", "status_class"],
  );
  const refusals = metrics.counter(
    "auth_failures_total",
    "Requests refused for their key or its scope",
    ["reason"],
  );
  const level = options.requestLevel ?? "info";
  const tracing = options.kit.tracing ?? createTracing();
  const queryNames = createQueryNames(options.endpoints);

  app.use("*", async (c, next) => {
    const startedAt = performance.now();
    const given = c.req.header(headers.requestId);
    const requestId = given !== undefined && REQUEST_ID_PATTERN.test(given) ? given : newId();
    c.set("requestId", requestId);
    c.set("logFields", {});
    const { method } = c.req;
    const trace = tracing.start({ name: method, kind: SpanKind.SERVER, parent: traceOf(c) });
    c.set("trace", trace);
    const route = routeOf(c);
    c.set("queryNames", queryNames(method, route));
    await next();
    nameRequest(c, requestId);
    const seconds = (performance.now() - startedAt) / 1_000;
    const status = c.res.status;
    durations.observe(
      {
        service: options.service,
        route,
        method,
        status_class: `${Math.floor(status / 100)}xx`,
      },
      seconds,
    );
    if (status === 401 || status === 403) {
      const { code } = c.get("logFields");
      refusals.inc({ reason: typeof code === "string" ? code : String(status) });
    }
    if (tracing.recording) {
      trace.rename(`${method} ${route}`);
      trace.set({
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
      });
    }
    trace.end(status >= 500 ? (c.error ?? new Error(String(status))) : undefined);
    if (!logger.isLevelEnabled(level)) return;
    logger[level](
      {
        request_id: requestId,
        trace_id: trace.traceId,
        method,
        route,
        status,
        duration_ms: Math.round(seconds * 1e6) / 1e3,
        ...c.get("logFields"),
      },
      "request",
    );
  });
  app.onError((thrown, c) => answerError(thrown, c, logger));
  const allowedAt = createAllowedMethods(() => app.routes, options.endpoints);
  app.notFound((c) => {
    const allowed = allowedAt(c.req.path);
    // A method that a path has and that still comes here named something that is not there.
    if (allowed.length === 0 || allowed.includes(c.req.method)) {
      return answerError(new ServiceError("NOT_FOUND", "no such path"), c, logger);
    }
    c.header("allow", allowed.join(", "));
    const error = new ServiceError("METHOD_NOT_ALLOWED", `this path takes ${allowed.join(", ")}`);
    return answerError(error, c, logger);
  });
  const up = metrics.gauge("dependency_up", "1 when the dependency answered its last probe", [
    "name",
  ]);
  const readiness = createReadiness(options.probes, now, options.state, (name, isUp) =>
    up.set({ name }, isUp ? 1 : 0),
  );
  infrastructure(app, options, readiness);
  return app;
}

/** The error answer every app gives. */
export function answerError(thrown: unknown, c: KitContext, logger: Logger): Response {
  const error = toServiceError(thrown);
  const requestId = c.get("requestId");
  if (error.status >= 500) {
    logger[error.code === "INTERNAL" ? "error" : "warn"](
      { request_id: requestId, code: error.code, err: error.cause ?? error },
      error.message,
    );
  }
  if (error.retryAfterSeconds !== undefined) {
    c.header(headers.retryAfter, String(error.retryAfterSeconds));
  }
  c.get("logFields")["code"] = error.code;
  return c.json(errorBodyOf(error, requestId), error.status as 400);
}

/** Says on the answer which request it is for. */
function nameRequest(c: KitContext, requestId: string): void {
  const outgoing = outgoingOf(c);
  // `c.res` would turn the response's plain headers into a Headers object, `c.header` its body into
  // a stream.
  if (outgoing !== undefined) outgoing.setHeader(headers.requestId, requestId);
  else c.res.headers.set(headers.requestId, requestId);
}

/** A header of the answer that is still to be made, also when that is an error. */
export function setHeader(c: Context, name: string, value: string): void {
  const outgoing = outgoingOf(c);
  // A Headers object costs more than all else that is done for a header.
  if (outgoing !== undefined) outgoing.setHeader(name, value);
  else c.header(name, value);
}

/** The socket's own answer; undefined inside a process. */
function outgoingOf(c: Context): ServerResponse | undefined {
  return ((c.env ?? {}) as { outgoing?: ServerResponse }).outgoing;
}

function traceOf(c: KitContext): HeaderValues {
  return {
    [headers.traceparent]: c.req.header(headers.traceparent),
    [headers.tracestate]: c.req.header(headers.tracestate),
  };
}

/** Pattern that matched, never the raw path: ids are no labels. */
function routeOf(c: KitContext): string {
  const patterns = c.req.matchedRoutes.map((route) => route.path);
  return patterns.findLast((path) => path !== "*" && path !== "/*") ?? "unmatched";
}

function infrastructure(
  app: KitHono,
  options: HttpAppOptions,
  readiness: () => Promise<{ ready: boolean; dependencies: Record<string, string> }>,
): void {
  const { metrics } = options.kit;
  let document: ReturnType<typeof openApiDocument> | undefined;
  app.get("/livez", (c) => c.json({ status: "alive", service: options.service }));
  app.get("/readyz", async (c) => {
    const answer = await readiness();
    return c.json(
      { status: answer.ready ? "ready" : "not_ready", dependencies: answer.dependencies },
      answer.ready ? 200 : 503,
    );
  });
  app.get("/metrics", async (c) => {
    // Asked at each scrape, once a second at most: nobody else may ever ask.
    await readiness();
    return c.body(await metrics.text(), 200, { "content-type": metrics.contentType });
  });
  app.get("/openapi.json", (c) => {
    // Made when it is first asked for: a start does not wait for it.
    document ??= openApiDocument(
      `Signalpath ${options.service}`,
      options.version,
      options.endpoints,
    );
    return c.json(document);
  });
  // Browsers ask for it beside any answer; a refusal would stand on their console as an error.
  app.get("/favicon.ico", (c) => c.body(null, 204, { "cache-control": "public, max-age=86400" }));
  app.get("/docs", (c) => c.html(docsHtml(`Signalpath ${options.service}`)));
  app.get("/docs/:file", async (c) => {
    const file = await docsFile(c.req.param("file"));
    if (file === undefined) throw new ServiceError("NOT_FOUND", "no such path");
    return c.body(file.bytes, 200, {
      "content-type": file.type,
      "cache-control": "public, max-age=86400",
    });
  });
}
