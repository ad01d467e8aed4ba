import { apiKey, createdKey, pageOf, type Scope } from "@signalpath/contracts";
import { InvalidArgumentError, type Command } from "commander";
import { z } from "zod";

import { createKeyDirect } from "./create-key-direct.ts";
import { usageError } from "./exit-codes.ts";
import { printFacts, printJson, printTable, type Io } from "./io.ts";
import { wholeNumber } from "./arguments.ts";
import { openService } from "./service.ts";
import type { GlobalOptions } from "./settings.ts";
import { shortened } from "./terminal-text.ts";

const PATH = "/api/v1/api_keys/";
const SCOPES = [
  "read",
  "write",
  "predict",
  "recommend",
  "ingest",
  "admin",
] as const satisfies readonly Scope[];

function scopesOf(text: string): Scope[] {
  return text.split(",").map((name) => {
    const scope = SCOPES.find((known) => known === name.trim());
    if (scope === undefined) throw new InvalidArgumentError(`scopes are ${SCOPES.join(", ")}`);
    return scope;
  });
}

interface CreateFlags {
  project?: number;
  kind: "write" | "api";
  scopes?: Scope[];
  source?: string;
  profile?: string;
  expires?: string;
  direct?: boolean;
}

/** Into the database itself: a write key can only write, an API key reads unless told otherwise. */
async function createDirect(io: Io, name: string, flags: CreateFlags) {
  const { kind, scopes, project = 1, source, profile, expires } = flags;
  if (profile !== undefined && profile !== "rudderstack" && profile !== "standard") {
    throw usageError("--profile is rudderstack or standard");
  }
  if (expires !== undefined && Number.isNaN(Date.parse(expires))) {
    throw usageError("--expires is no ISO 8601 time");
  }
  const ofSource = kind === "write" ? (source ?? name) : source;
  return createKeyDirect(io, {
    name,
    kind,
    project,
    scopes: kind === "write" ? ["write"] : (scopes ?? ["read"]),
    ...(ofSource === undefined ? {} : { source: ofSource }),
    ...(profile === undefined ? {} : { profile }),
    ...(expires === undefined ? {} : { expiresAt: new Date(expires).toISOString() }),
  });
}

/** `signalpath keys create | list | revoke | rotate` */
export function keysCommand(program: Command, io: Io): void {
  const keys = program.command("keys").description("API keys and write keys (needs the admin key)");
  keys
    .command("create")
    .description("mint a key; it is shown this once")
    .argument("<name>", "what it is for")
    .option("--kind <kind>", "write (a source's write key) or api", "api")
    .option(
      "--scopes <list>",
      `${SCOPES.join(",")}; recommend,ingest is a key for web pages`,
      scopesOf,
    )
    .option("--project <id>", "project", wholeNumber(1))
    .option("--source <name>", "source a write key belongs to")
    .option("--profile <profile>", "rudderstack or standard")
    .option("--expires <time>", "ISO 8601")
    .option("--direct", "write into DATABASE_URL itself (with SECRET_KEY): the first admin key")
    .action(async (name: string, flags: CreateFlags, command: Command) => {
      if (flags.direct === true) {
        const made = await createDirect(io, name, flags);
        if (command.optsWithGlobals<GlobalOptions>().json === true) return printJson(io, made);
        printFacts(io, [
          ["id", made.id],
          ["key", made.key],
          ["scopes", made.scopes.join(", ")],
          ["project", made.project],
        ]);
        return io.err("The key is not shown again.\n");
      }
      const { client, settings, json } = await openService(io, command, "admin_key");
      const { project, expires, ...rest } = flags;
      const body = {
        ...rest,
        name,
        project: project ?? settings.projectId,
        ...(expires === undefined ? {} : { expires_at: expires }),
      };
      const created = await client.call({
        method: "POST",
        path: PATH,
        body,
        once: true,
        response: createdKey,
      });
      showCreated(io, created, json);
    });
  keys
    .command("list")
    .description("keys of a project")
    .option("--project <id>", "project; all when absent", wholeNumber(1))
    .option("--page <n>", "page", wholeNumber(1), 1)
    .action(async (flags: { project?: number; page: number }, command: Command) => {
      const { client, json } = await openService(io, command, "admin_key");
      const page = await client.call({
        method: "GET",
        path: PATH,
        query: { ...flags },
        response: pageOf(apiKey),
      });
      if (json) return printJson(io, page);
      printTable(
        io,
        ["id", "name", "project", "kind", "scopes", "prefix", "state", "last used"],
        page.results.map((key) => [
          key.id,
          shortened(key.name, 12),
          key.project,
          key.kind,
          key.scopes.map((scope) => scope[0]).join(""),
          key.prefix,
          key.is_active ? "active" : "off",
          key.last_used_at?.slice(0, 10) ?? "never",
        ]),
      );
      io.out(`${page.results.length} of ${page.count}; scopes by first letter\n`);
    });
  keys
    .command("revoke")
    .description("end a key for good")
    .argument("<id>", "id of `keys list`", wholeNumber(1))
    .action(async (id: number, _flags: object, command: Command) => {
      const { client, json } = await openService(io, command, "admin_key");
      const call = { method: "POST", path: `${PATH}${id}/revoke/`, body: {} } as const;
      const answer = await client.call({ ...call, response: z.looseObject({}) });
      if (json) printJson(io, answer);
      else io.out(`key ${id} is revoked\n`);
    });
  keys
    .command("rotate")
    .description("mint a second key like this one; the old one works until it is revoked")
    .argument("<id>", "id of `keys list`", wholeNumber(1))
    .action(async (id: number, _flags: object, command: Command) => {
      const { client, json } = await openService(io, command, "admin_key");
      const call = { method: "POST", path: `${PATH}${id}/rotate/`, body: {}, once: true } as const;
      showCreated(io, await client.call({ ...call, response: createdKey }), json);
      if (!json) io.err(`Key ${id} goes on working; end it with: signalpath keys revoke ${id}\n`);
    });
}

/** The one time that a key is seen. */
function showCreated(io: Io, created: z.output<typeof createdKey>, json: boolean): void {
  if (json) return printJson(io, created);
  printFacts(io, [
    ["id", created.id],
    ["key", created.key],
    ["kind", created.kind],
    ["scopes", created.scopes.join(", ") || "-"],
    ["project", created.project],
  ]);
  io.err("The key is not shown again.\n");
}
