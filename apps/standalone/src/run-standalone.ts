import { DataDirLockedError } from "@signalpath/backends";
import { ConfigError, EXIT_CONFIG, type Env } from "@signalpath/service-kit";

import { ignoredVariables, readConfig, type StandaloneConfig } from "./config.ts";
import { startStandalone, type RunningStandalone } from "./standalone.ts";

/** Behind this the process ends with an error, whatever still runs, milliseconds. */
const HARD_EXIT_MS = 9_000;

/**
 * Runs the whole system as this process until SIGINT or SIGTERM, then drains.
 * Exit codes: 0 after a drain, 1 for a failed start (a port that is taken), 78 for a configuration
 * it refuses or a data dir that another process holds.
 */
export async function runStandalone(env: Env): Promise<void> {
  let config: StandaloneConfig;
  try {
    config = readConfig(env);
  } catch (error) {
    return fail(error);
  }
  for (const name of ignoredVariables(env)) {
    process.stderr.write(`${name} is not used here: every store is embedded in this process.\n`);
  }
  let stopping = false;
  let running: RunningStandalone | undefined;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // A signal that comes during the start waits for it: `starting` never rejects.
    await starting;
    if (running === undefined) return;
    const standalone = running;
    process.stdout.write("Stopping.\n");
    setTimeout(() => {
      standalone.abandoned(HARD_EXIT_MS);
      process.stderr.write("Ended with work under way: what was acknowledged is stored.\n");
      process.exit(1);
    }, HARD_EXIT_MS).unref();
    try {
      await standalone.close();
      process.stdout.write("Stopped.\n");
    } catch (error) {
      fail(error);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop());
  const starting = startStandalone(config).then(
    (started) => {
      running = started;
      if (!stopping) process.stdout.write(started.readyText);
    },
    (error: unknown) => fail(error, config),
  );
  await starting;
}

function fail(error: unknown, config?: StandaloneConfig): void {
  process.exitCode = 1;
  if (error instanceof ConfigError) {
    for (const reason of error.reasons) process.stderr.write(`${reason}\n`);
    process.exitCode = EXIT_CONFIG;
  } else if (error instanceof DataDirLockedError) {
    process.stderr.write(
      `${error.message}. It holds the lock of this data dir; stop it, or set SIGNALPATH_DATA_DIR.\n`,
    );
    process.exitCode = EXIT_CONFIG;
  } else if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    const place = `${config?.HOST ?? ""}:${config?.PORT ?? ""}`;
    process.stderr.write(`${place} is taken. Stop what listens there, or set PORT.\n`);
  } else {
    process.stderr.write(`failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
