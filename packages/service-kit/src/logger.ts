import { pino, type Logger } from "pino";

export type { Logger };

/**
 * JSON lines on stdout. Fields are chosen by the caller from what is safe to keep: never bodies,
 * keys, headers or raw user ids (log a UserKey instead).
 */
export function createLogger(options: {
  service: string;
  level?: string;
  /** Where lines go; stdout when absent. */
  write?: (line: string) => void;
}): Logger {
  const settings = {
    level: options.level ?? "info",
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return options.write === undefined
    ? pino(settings)
    : pino(settings, { write: (line: string) => options.write?.(line) });
}
