import { runService } from "@signalpath/service-kit";

import { SERVICE } from "./app.ts";
import { readConfig, VERSION } from "./config.ts";
import { openApp } from "./open-app.ts";

await runService({
  name: SERVICE,
  version: VERSION,
  env: process.env,
  readConfig,
  create: openApp,
});
