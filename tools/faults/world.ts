import { freePort } from "@signalpath/real-servers/free-port.ts";
import { startNats } from "@signalpath/real-servers/nats.ts";
import { startPostgres } from "@signalpath/real-servers/postgres.ts";
import { startRedis } from "@signalpath/real-servers/redis.ts";
import type { RealServer } from "@signalpath/real-servers/server.ts";
import { startApp, type AppProcess } from "@signalpath/stack/app-process.ts";
import { cliJson } from "@signalpath/stack/cli.ts";
import { ALL_APPS, type AppName } from "@signalpath/stack/stack.ts";
import type { ContentItem } from "@signalpath/domain";

import { startProxy, type Proxy } from "./proxy.ts";
import { openStores, type Stores } from "./stores.ts";

export const SERVERS = ["nats", "redis", "postgres"] as const;
export type ServerName = (typeof SERVERS)[number];

/** Processes of each app. */
export type Instances = Readonly<Record<AppName, number>>;

/** Real servers, a proxy before each, and several processes of each app behind the proxies. */
export interface World {
  servers: Record<ServerName, RealServer>;
  proxies: Record<ServerName, Proxy>;
  apps: Record<AppName, AppProcess[]>;
  /** What the apps are started with. */
  env: Readonly<Record<string, string>>;
  stores: Stores;
  items: readonly ContentItem[];
  keys: { write: string; api: string };
  /** Apps that ended although nobody ended them. */
  dead(): string[];
  stop(): Promise<void>;
}

/** A small catalogue with tags, the same in every run. */
export const ITEMS: readonly ContentItem[] = Array.from({ length: 60 }, (_, n) => ({
  item_id: `m${n + 1}`,
  title: `Thing ${n + 1}`,
  tags: [
    { facet: "colour", label: `c${n % 7}`, weight: 1 },
    { facet: "shape", label: `s${n % 5}`, weight: 0.5 },
  ],
}));

export async function startWorld(options: {
  instances: Instances;
  random: () => number;
}): Promise<World> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).toReversed()) await end();
  };
  const stopApps: (() => Promise<unknown>)[] = [];
  try {
    const servers = {
      nats: await startNats(),
      redis: await startRedis({ appendonly: true }),
      postgres: await startPostgres(),
    };
    for (const name of SERVERS) stops.push(() => servers[name].stop());
    const proxies = {} as Record<ServerName, Proxy>;
    for (const name of SERVERS) {
      const proxy = await startProxy(servers[name].port, options.random);
      proxies[name] = proxy;
      stops.push(() => proxy.close());
    }
    const secret = { SECRET_KEY: "a-secret-for-faults-that-is-long-enough-0123456789" };
    const direct = { ...secret, ...urls((name) => servers[name].url) };
    const env = { ...secret, ...urls((name) => proxies[name].through(servers[name].url)) };
    await cliJson(["migrate"], direct);
    const keys = await createKeys(direct);
    const stores = await openStores(direct);
    stops.push(() => stores.close());
    await stores.catalogue.put(1, ITEMS);
    // All at once: one after the other each would wait for its idle connections.
    stops.push(() => Promise.all(stopApps.map((end) => end())));
    const apps = await startApps(env, options.instances, stopApps);
    return {
      servers,
      proxies,
      apps,
      env,
      stores,
      items: ITEMS,
      keys,
      dead: () => dead(apps),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function urls(of: (name: ServerName) => string): Record<string, string> {
  return { NATS_URL: of("nats"), REDIS_URL: of("redis"), DATABASE_URL: of("postgres") };
}

async function createKeys(env: Readonly<Record<string, string>>): Promise<World["keys"]> {
  const create = (...more: string[]) =>
    cliJson<{ key: string }>(["keys", "create", "faults", "--direct", ...more], env);
  const write = await create("--kind", "write");
  const api = await create("--scopes", "read,write,predict");
  return { write: write.key, api: api.key };
}

async function startApps(
  env: Readonly<Record<string, string>>,
  instances: Instances,
  stops: (() => Promise<unknown>)[],
): Promise<World["apps"]> {
  const apps = {} as World["apps"];
  for (const name of ALL_APPS) {
    const starting = Array.from({ length: instances[name] }, () => startApp(name, env));
    apps[name] = [];
    for (const one of await Promise.allSettled(starting)) {
      if (one.status === "rejected") continue;
      const app = one.value;
      apps[name].push(app);
      stops.push(() => app.kill("SIGTERM"));
    }
    // Said only now: what did start must be ended again.
    await Promise.all(starting);
  }
  return apps;
}

function dead(apps: World["apps"]): string[] {
  const all = Object.values(apps).flat();
  return all.filter((app) => !isRunning(app.pid())).map((app) => `${app.name}: ${tail(app.log())}`);
}

const tail = (log: string): string => log.slice(-1_500);

function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // No such process.
  }
}

const START_TRIES = 5;

/** Starts an app again and, like an orchestrator, once more when that fails on a crowded machine. */
export async function startAgain(app: AppProcess): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await app.start();
    } catch (error) {
      if (attempt === START_TRIES) throw error;
    }
  }
}

/** A port where nobody listens. */
export const nobodysPort = freePort;
