import { runService } from "@signalpath/service-kit";

import { SERVICE } from "./app.ts";
import { readConfig, renamedSettings, VERSION } from "./config.ts";
import { openApp } from "./open-app.ts";

for (const line of renamedSettings(process.env)) process.stderr.write(`${SERVICE}: ${line}\n`);
await runService({
  name: SERVICE,
  version: VERSION,
  env: process.env,
  readConfig,
  create: openApp,
});
