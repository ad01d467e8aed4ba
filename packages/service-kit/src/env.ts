import { ConfigError } from "@signalpath/ports";
import { z } from "zod";

/** Exit code for a configuration that must not start (EX_CONFIG of sysexits). */
export const EXIT_CONFIG = 78;

export { ConfigError };

export type Env = Readonly<Record<string, string | undefined>>;

const url = (...protocols: string[]) =>
  z.string().refine(
    (text) => {
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      return parsed !== undefined && protocols.includes(parsed.protocol);
    },
    `not a URL with protocol ${protocols.join(" or ")}`,
  );

/** Switch written as on / off, true / false or 1 / 0. */
export const flag = z
  .enum(["on", "off", "true", "false", "1", "0"])
  .transform((value) => value === "on" || value === "true" || value === "1");

/** Settings that mean the same in every app. An empty variable counts as unset. */
export const sharedEnv = {
  NATS_URL: url("nats:", "tls:").optional(),
  /** Seed of the service's NATS identity (`SU...`), where the server asks for one. */
  NATS_NKEY_SEED: z.string().startsWith("SU").optional(),
  REDIS_URL: url("redis:", "rediss:").optional(),
  DATABASE_URL: url("postgres:", "postgresql:").optional(),
  SECRET_KEY: z.string().min(1).optional(),
  /** The secret before: what was made with it is still accepted, nothing new is. */
  SECRET_KEY_PREVIOUS: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  HOST: z.string().default("127.0.0.1"),
  OTEL_EXPORTER_OTLP_ENDPOINT: url("http:", "https:").optional(),
};

/** Port of the app's own HTTP server. */
export function portEnv(fallback: number) {
  return z.coerce.number().int().min(0).max(65_535).default(fallback);
}

/** Commit the process was built from (GIT_SHA), `unknown` when that is unset or is none. */
export function gitShaOf(env: Env): string {
  const given = env["GIT_SHA"]?.trim() ?? "";
  return /^[\da-f]{7,64}$/.test(given) ? given : "unknown";
}

/**
 * Validates an environment against a schema of its variables.
 * @throws ConfigError naming every variable that is wrong.
 */
export function readEnv<S extends z.ZodRawShape>(shape: S, env: Env): z.output<z.ZodObject<S>> {
  const named = Object.keys(shape).map((name) => [name, env[name] || undefined]);
  const parsed = z.object(shape).safeParse(Object.fromEntries(named));
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new ConfigError(reasons);
}

const SAMPLE_SECRETS = new Set(["VeryBadSecret@ChangeThis", "change-me", "changeme", "secret"]);

export interface ProductionConfig {
  NODE_ENV: string;
  SECRET_KEY?: string | undefined;
  SECRET_KEY_PREVIOUS?: string | undefined;
  NATS_URL?: string | undefined;
  REDIS_URL?: string | undefined;
  DATABASE_URL?: string | undefined;
}

/**
 * What production refuses: a missing server this app's ports need, an absent, short or sample
 * secret. Empty = may start. Outside production nothing is refused.
 */
export function productionRefusals(
  config: ProductionConfig,
  needs: readonly ("NATS_URL" | "REDIS_URL" | "DATABASE_URL")[],
): string[] {
  if (config.NODE_ENV !== "production") return [];
  const reasons = needs
    .filter((name) => config[name] === undefined)
    .map((name) => `${name}: required in production; without it data would live in this process`);
  const secret = config.SECRET_KEY;
  if (secret === undefined) reasons.push("SECRET_KEY: required in production");
  else if (SAMPLE_SECRETS.has(secret)) reasons.push("SECRET_KEY: is a sample value");
  else if (secret.length < 32) reasons.push("SECRET_KEY: shorter than 32 characters");
  if (SAMPLE_SECRETS.has(config.SECRET_KEY_PREVIOUS ?? "")) {
    reasons.push("SECRET_KEY_PREVIOUS: is a sample value");
  }
  return reasons;
}

/** @throws ConfigError when production refuses this configuration. */
export function refuseInProduction(
  config: ProductionConfig,
  needs: readonly ("NATS_URL" | "REDIS_URL" | "DATABASE_URL")[],
): void {
  const reasons = productionRefusals(config, needs);
  if (reasons.length > 0) throw new ConfigError(reasons);
}

/** A configuration for printing: secrets and passwords of URLs replaced. */
export function redacted(config: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      if (/SECRET|PASSWORD|TOKEN|SEED|API_KEY|SIGNING_KEYS/.test(name) && value !== undefined)
        return [name, "***"];
      if (typeof value === "string" && URL.canParse(value)) return [name, withoutPassword(value)];
      return [name, value];
    }),
  );
}

function withoutPassword(text: string): string {
  const parsed = new URL(text);
  if (parsed.password === "") return text;
  parsed.password = "***";
  return parsed.toString();
}
