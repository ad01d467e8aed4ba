import { join } from "node:path";

import { z } from "zod";

import { usageError } from "./exit-codes.ts";
import { readIfThere, type Io } from "./io.ts";

/** Options every command takes. */
export interface GlobalOptions {
  url?: string;
  key?: string;
  dataDir?: string;
  json?: boolean;
}

/** What the standalone leaves in its data dir. */
const credentialsFile = z.object({
  url: z.string(),
  project_id: z.int(),
  write_key: z.string(),
  api_key: z.string(),
  admin_key: z.string(),
});
export type KeyKind = "write_key" | "api_key" | "admin_key";

export interface Settings {
  url: string;
  /** Named by flag or environment: used for every call, else undefined. */
  givenKey: string | undefined;
  projectId: number;
  dataDir: string;
  /** @throws CliError when no key of this kind is known. */
  key(kind: KeyKind): string;
}

export function dataDirOf(io: Io, options: GlobalOptions): string {
  return options.dataDir ?? (io.env["SIGNALPATH_DATA_DIR"] || ".signalpath");
}

/**
 * Where to call and with which key: flags, else SIGNALPATH_URL / SIGNALPATH_KEY, else
 * `<data dir>/credentials.json`.
 * @throws CliError naming the three places when none has what is needed.
 */
export async function readSettings(io: Io, options: GlobalOptions): Promise<Settings> {
  const dataDir = dataDirOf(io, options);
  const path = join(dataDir, "credentials.json");
  const url = options.url ?? (io.env["SIGNALPATH_URL"] || undefined);
  const givenKey = options.key ?? (io.env["SIGNALPATH_KEY"] || undefined);
  const complete = url !== undefined && givenKey !== undefined;
  const file = complete ? undefined : await readCredentials(path);
  const found = url ?? file?.url;
  if (found === undefined) {
    throw usageError(`no service known: give --url, set SIGNALPATH_URL, or start one (${path})`);
  }
  if (!/^https?:\/\//.test(found) || !URL.canParse(found)) {
    throw usageError(`not a http(s) URL: ${found}`);
  }
  return {
    url: found.replace(/\/+$/, ""),
    givenKey,
    projectId: file?.project_id ?? 1,
    dataDir,
    key(kind) {
      const key = givenKey ?? file?.[kind];
      if (key !== undefined) return key;
      throw usageError(`no key known: give --key, set SIGNALPATH_KEY, or point at ${path}`);
    },
  };
}

async function readCredentials(
  path: string,
): Promise<z.output<typeof credentialsFile> | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return credentialsFile.parse(JSON.parse(text));
  } catch {
    throw usageError(`${path} is no credentials file`);
  }
}
