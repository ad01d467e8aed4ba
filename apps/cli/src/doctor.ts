import { examineServers, type Finding } from "@signalpath/backends";
import {
  ConfigError,
  EXIT_CONFIG,
  productionRefusals,
  readEnv,
  sharedEnv,
} from "@signalpath/service-kit";
import type { Command } from "commander";

import { printJson, printTable, type Io } from "./io.ts";
import type { GlobalOptions } from "./settings.ts";

const { NATS_URL, NATS_NKEY_SEED, REDIS_URL, DATABASE_URL } = sharedEnv;
const { SECRET_KEY, SECRET_KEY_PREVIOUS } = sharedEnv;
const servers = { NATS_URL, NATS_NKEY_SEED, REDIS_URL, DATABASE_URL };
const shape = { ...servers, SECRET_KEY, SECRET_KEY_PREVIOUS };

/** `signalpath doctor`: what production would refuse, and why. */
export function doctorCommand(program: Command, io: Io, fail: (exitCode: number) => void): void {
  program
    .command("doctor")
    .description(
      "what NODE_ENV=production would refuse about this environment and its servers; exit 78 if anything",
    )
    .action(async (_flags: object, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const findings = await examine(io.env);
      const refused = findings.filter(({ verdict }) => verdict === "refused").length;
      if (json === true) printJson(io, { ready: refused === 0, findings });
      else {
        const rows = findings.map(({ verdict, about, what }) => [verdict, about, what]);
        printTable(io, ["verdict", "about", "what"], rows);
        io.out(refused === 0 ? "production would start\n" : `production refuses: ${refused}\n`);
      }
      if (refused > 0) fail(EXIT_CONFIG);
    });
}

/** Configuration first, then what the servers of its URLs answer. */
async function examine(env: Io["env"]): Promise<Finding[]> {
  const refused = (what: string): Finding => ({ about: "configuration", verdict: "refused", what });
  let config: ReturnType<typeof readEnv<typeof shape>>;
  try {
    config = readEnv(shape, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.reasons.map(refused);
    throw error;
  }
  const needs = ["NATS_URL", "REDIS_URL", "DATABASE_URL"] as const;
  const reasons = productionRefusals({ ...config, NODE_ENV: "production" }, needs);
  const good: Finding = {
    about: "configuration",
    verdict: "ok",
    what: "server URLs and SECRET_KEY are as production wants them",
  };
  const own = reasons.length === 0 ? [good] : reasons.map(refused);
  return [...own, ...(await examineServers(config))];
}
