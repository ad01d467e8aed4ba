import { SERVER_KINDS, URL_VARIABLE, whyMissing, type ServerKind } from "./binaries.ts";
import { startNats } from "./nats.ts";
import { startPostgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";
import type { RealServer } from "./server.ts";

/** Where a server of one kind is, or why there is none. `from` tells the environment from ours. */
export type ServerState =
  | { url: string; from: "environment" | "started" }
  | { url: undefined; why: string };
export type ServerStates = Record<ServerKind, ServerState>;

const START: Readonly<Record<ServerKind, () => Promise<RealServer>>> = {
  nats: () => startNats(),
  redis: () => startRedis({ appendonly: true }),
  postgres: () => startPostgres(),
};

/**
 * All servers at once: the one `env` names, else a new one, else the reason why not.
 * `stop` ends those that were started here.
 */
export async function startAll(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ states: ServerStates; stop: () => Promise<void> }> {
  const running: RealServer[] = [];
  const entries = await Promise.all(
    SERVER_KINDS.map(async (kind): Promise<[ServerKind, ServerState]> => {
      const given = env[URL_VARIABLE[kind]];
      if (given !== undefined && given !== "") return [kind, { url: given, from: "environment" }];
      const missing = whyMissing(kind);
      if (missing !== undefined) return [kind, { url: undefined, why: missing }];
      try {
        const server = await START[kind]();
        running.push(server);
        return [kind, { url: server.url, from: "started" }];
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return [kind, { url: undefined, why }];
      }
    }),
  );
  return {
    states: Object.fromEntries(entries) as ServerStates,
    stop: async () => void (await Promise.all(running.map((server) => server.stop()))),
  };
}
