import { randomUUID } from "node:crypto";

import type { App, Kit } from "./app.ts";
import { ConfigError, EXIT_CONFIG, redacted, type Env } from "./env.ts";
import { createLogger, type Logger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { openTracing } from "./open-tracing.ts";
import { serve, type HttpServer } from "./serve.ts";

/** In-flight requests and messages get this long after SIGTERM, milliseconds. */
const DRAIN_MS = 8_000;
/** Behind this the process ends with an error, whatever still runs, milliseconds. */
const HARD_EXIT_MS = 25_000;

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
 * Ends by emptying the event loop; exit code 78 for a configuration it refuses, 1 for a failed
 * start, 0 after a drain.
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
    metrics: createMetrics(options.version, { defaults: true }),
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
  const stop = once(async (reason: string) => {
    phase = "draining";
    logger.info({ reason }, "draining");
    setTimeout(() => process.exit(1), HARD_EXIT_MS).unref();
    await server?.drain(DRAIN_MS);
    await closeAll(opened, logger);
    logger.info("stopped");
  });
  // A signal that comes while the app still starts waits for the start to end.
  const started = (async () => {
    const { name: service, version } = options;
    const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
    const tracing = own(await openTracing({ service, version, endpoint }));
    const traced = { ...kit, tracing };
    const app = own(await options.create({ config, kit: traced, own, state: () => phase }));
    server = await serve((request, env) => app.fetch(request, env), {
      host: config.HOST,
      port: config.PORT,
      ownsProcess: true,
    });
    await app.start();
    phase = "running";
    logger.info({ url: server.url }, "ready");
    await options.onReady?.(server, config);
  })();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => void started.catch(() => {}).then(() => stop(signal)));
  }
  try {
    await started;
  } catch (error) {
    await stop("failed start");
    refuse(options.name, error);
  }
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

async function closeAll(opened: { close(): Promise<void> }[], logger: Logger): Promise<void> {
  for (const resource of opened.toReversed()) {
    try {
      await resource.close();
    } catch (error) {
      logger.error({ err: error }, "a resource did not close");
      process.exitCode = 1;
    }
  }
}

function once<A extends unknown[]>(
  run: (...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  let running: Promise<void> | undefined;
  return (...args) => (running ??= run(...args));
}
