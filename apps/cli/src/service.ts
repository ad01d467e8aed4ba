import type { Command } from "commander";

import { apiKeyHeader, createClient, type Client } from "./client.ts";
import type { Io } from "./io.ts";
import { readSettings, type GlobalOptions, type KeyKind, type Settings } from "./settings.ts";

/** How long a single administrative call is tried again, milliseconds. */
const GIVE_UP_MS = 30_000;

/** What an administrative command starts from. */
export interface Service {
  client: Client;
  settings: Settings;
  json: boolean;
}

/** Client with an API key of this kind for a command's own options. */
export async function openService(io: Io, command: Command, kind: KeyKind): Promise<Service> {
  const globals = command.optsWithGlobals<GlobalOptions>();
  const settings = await readSettings(io, globals);
  const client = createClient(io, {
    url: settings.url,
    auth: apiKeyHeader(settings.key(kind)),
    giveUpMs: GIVE_UP_MS,
    onRetry: (reason, pauseMs) => io.err(`${reason}; again in ${(pauseMs / 1_000).toFixed(1)} s\n`),
  });
  return { client, settings, json: globals.json === true };
}
