import { randomUUID } from "node:crypto";

import type { App, Kit } from "./app.ts";
import { ConfigError, EXIT_CONFIG, gitShaOf, redacted, type Env } from "./env.ts";
import { createLogger, type Logger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { openTracing } from "./open-tracing.ts";
import { startWithin } from "./run-service-start.ts";
import { serve, type HttpServer } from "./serve.ts";

/** Requests in flight get this long after SIGTERM, milliseconds. */
const DRAIN_MS = 6_000;
/** Behind this the process ends, whatever still runs, milliseconds: what it held comes again. */
const HARD_EXIT_MS = 9_000;

export interface ServiceConfig {
  HOST: string;
  PORT: number;
  LOG_LEVEL: string;
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
}

/** Remembers what was opened; closed in reverse order. */
export type Own = <T extends { close(): Promise<void> }>(resource: T) => T;

export interface Starting<C> {
  config: C;
  kit: Kit;
  own: Own;
  /** Asked by an app's `/readyz`. */
  state: () => "starting" | "running" | "draining";
}

export interface ServiceOptions<C extends ServiceConfig> {
  name: string;
  version: string;
  env: Env;
  readConfig: (env: Env) => C;
  /** Opens what the app stands on and creates it. */
  create: (starting: Starting<C>) => Promise<App>;
  /** Called when `/readyz` answers 200. */
  onReady?: (server: HttpServer, config: C) => void | Promise<void>;
}

/**
 * Runs one app as a process: configuration, HTTP server, subscriptions, SIGTERM / SIGINT drain.
 * Exit code 78 for a configuration it refuses, 1 for a failed
 * start, 0 after a drain. A dependency that is not there yet is waited for at start, 30 s at most;
 * a drain takes less than 10 s, whatever holds it up.
 */
export async function runService<C extends ServiceConfig>(
  options: ServiceOptions<C>,
): Promise<void> {
  let config: C;
  try {
    config = options.readConfig(options.env);
  } catch (error) {
    return refuse(options.name, error);
  }
  const logger = createLogger({ service: options.name, level: config.LOG_LEVEL });
  const kit: Kit = {
    logger,
    metrics: createMetrics(options.version, { defaults: true, sha: gitShaOf(options.env) }),
    now: Date.now,
    newId: randomUUID,
  };
  logger.info({ config: redacted(config), version: options.version }, "starting");
  const opened: { close(): Promise<void> }[] = [];
  let phase: "starting" | "running" | "draining" = "starting";
  const own: Own = (resource) => {
    opened.push(resource);
    return resource;
  };
  let server: HttpServer | undefined;
  let app: App | undefined;
  let isAsked = false;
  const stop = once(async (reason: string) => {
    phase = "draining";
    logger.info({ reason }, "draining");
    const quiesce = async () => app?.quiesce?.();
    const ended = await Promise.allSettled([server?.drain(DRAIN_MS), quiesce()]);
    const problems = ended.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    problems.push(...(await closeAll(opened)));
    for (const err of problems) logger.error({ err }, "a resource did not close");
    if (problems.length > 0) process.exitCode = 1;
    logger.info("stopped");
  });

  async function attempt(): Promise<void> {
    const before = opened.length;
    try {
      const { name: service, version } = options;
      const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
      const tracing = own(await openTracing({ service, version, endpoint }));
      const traced = { ...kit, tracing };
      const created = own(await options.create({ config, kit: traced, own, state: () => phase }));
      server = await serve((request, env) => created.fetch(request, env), {
        host: config.HOST,
        port: config.PORT,
        ownsProcess: true,
      });
      await created.start();
      app = created;
    } catch (error) {
      await server?.drain(0);
      server = undefined;
      for (const err of await closeAll(opened.splice(before))) {
        logger.warn({ err }, "a resource of a failed start did not close");
      }
      throw error;
    }
  }

  // A signal that comes while the app still starts waits for this attempt to end.
  const started = startWithin(attempt, { logger, isAsked: () => isAsked }).then(async () => {
    if (server === undefined) return;
    phase = "running";
    logger.info({ url: server.url }, "ready");
    await options.onReady?.(server, config);
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (!isAsked) endBy(HARD_EXIT_MS, logger);
      isAsked = true;
      void started
        .catch(() => {})
        .then(() => stop(signal))
        .finally(end);
    });
  }
  try {
    await started;
  } catch (error) {
    process.exitCode = isAsked ? 0 : 1;
    endBy(HARD_EXIT_MS, logger);
    await stop("failed start");
    if (!isAsked) refuse(options.name, error);
    end();
  }
}

/**
 * All is closed: what is left is to go. Node 20 may spin for ever when it tears down an empty event
 * loop that still has a broken socket, so it is not left to that.
 */
function end(): void {
  process.exit();
}

/** Ends the process at that time if it is still there; what it did not finish is not lost by that. */
function endBy(ms: number, logger: Logger): void {
  setTimeout(() => {
    logger.warn({ after_ms: ms }, "the drain took too long: ended with work under way");
    end();
  }, ms).unref();
}

function refuse(name: string, error: unknown): void {
  if (error instanceof ConfigError) {
    for (const reason of error.reasons) process.stderr.write(`${name}: ${reason}\n`);
    process.exitCode = EXIT_CONFIG;
    return;
  }
  process.stderr.write(
    `${name} failed to start: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}

/** Newest first. @returns what went wrong. */
async function closeAll(opened: readonly { close(): Promise<void> }[]): Promise<unknown[]> {
  const problems: unknown[] = [];
  for (const resource of opened.toReversed()) {
    try {
      await resource.close();
    } catch (error) {
      problems.push(error);
    }
  }
  return problems;
}

function once<A extends unknown[]>(
  run: (...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  let running: Promise<void> | undefined;
  return (...args) => (running ??= run(...args));
}
