import { startAll } from "@signalpath/real-servers/start-all.ts";
import { startApp, type AppProcess } from "./app-process.ts";
import { cliJson } from "./cli.ts";

export type AppName =
  | "ingest-webhook"
  | "user-model-updater"
  | "recommender"
  | "management-api"
  | "inference-gateway"
  | "experiments";
export const ALL_APPS: readonly AppName[] = [
  "ingest-webhook",
  "user-model-updater",
  "recommender",
  "management-api",
];

/** The real stack: servers, migrated; apps as processes; one project with a key of each kind. */
export interface Stack {
  env: Readonly<Record<string, string>>;
  apps: Record<AppName, AppProcess>;
  keys: { write: string; api: string; admin: string };
  stop(): Promise<void>;
}

async function createKey(
  env: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<string> {
  const made = await cliJson<{ key: string }>(
    ["keys", "create", "tests", "--direct", ...options],
    env,
  );
  return made.key;
}

/**
 * Starts servers (always new ones, whatever the environment names) and the apps asked for.
 * @param extra more environment for every app.
 */
export async function startStack(
  names: readonly AppName[] = ALL_APPS,
  extra: Readonly<Record<string, string>> = {},
): Promise<Stack> {
  const servers = await startAll({});
  const stops: (() => Promise<unknown>)[] = [servers.stop];
  const stop = async () => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    const { nats, redis, postgres } = servers.states;
    if (!nats.url || !redis.url || !postgres.url) {
      throw new Error(`servers are missing: ${JSON.stringify(servers.states)}`);
    }
    const env = {
      NATS_URL: nats.url,
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
      SECRET_KEY: "a-secret-for-tests-that-is-long-enough-0123456789",
      ...extra,
    };
    await cliJson(["migrate"], env);
    const keys = {
      write: await createKey(env, ["--kind", "write"]),
      api: await createKey(env, ["--scopes", "read,write,predict"]),
      admin: await createKey(env, ["--scopes", "admin"]),
    };
    const apps = {} as Record<AppName, AppProcess>;
    for (const name of names) {
      const app = await startApp(name, env);
      apps[name] = app;
      stops.push(() => app.kill("SIGTERM"));
    }
    return { env, apps, keys, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
