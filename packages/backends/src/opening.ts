import type { Sha256 } from "@signalpath/domain";
import type { Clock } from "@signalpath/ports";

/** Settings the backends read; they mean the same in every app. Unset = embedded. */
export interface BackendSettings {
  NODE_ENV: string;
  NATS_URL?: string | undefined;
  NATS_NKEY_SEED?: string | undefined;
  REDIS_URL?: string | undefined;
  DATABASE_URL?: string | undefined;
  SECRET_KEY?: string | undefined;
  SIGNALPATH_DATA_DIR?: string | undefined;
}

/** What every opening of a port is handed. */
export interface Opening {
  /** Package name of the app. */
  service: string;
  now: Clock;
  sha256: Sha256;
  /** One line that names a port and the consequence of the choice. */
  warn: (line: string) => void;
  /** What went wrong in the background and is tried again. */
  onError: (error: unknown, what: string) => void;
}

/** Production neither creates nor changes what `signalpath migrate` owns. */
export function isProduction(settings: Pick<BackendSettings, "NODE_ENV">): boolean {
  return settings.NODE_ENV === "production";
}

interface WarnLogger {
  warn(line: string): void;
  warn(fields: object, line: string): void;
}

/** An opening that speaks through an app's logger. */
export function loggedOpening(
  service: string,
  kit: { logger: WarnLogger; now: Clock },
  sha256: Sha256,
): Opening {
  const { logger, now } = kit;
  return {
    service,
    now,
    sha256,
    warn: (line) => logger.warn(line),
    onError: (err, what) => logger.warn({ err }, `${what} failed`),
  };
}
