import { runService } from "@signalpath/service-kit";

import { APP } from "./app.ts";
import { readConfig, VERSION } from "./config.ts";
import { openApp } from "./open-app.ts";

await runService({
  name: APP,
  version: VERSION,
  env: process.env,
  readConfig,
  create: openApp,
});
