import { runService } from "@signalpath/service-kit";

import { readConfig, VERSION } from "./config.ts";
import { APP } from "./context.ts";
import { openApp } from "./open-app.ts";

await runService({ name: APP, version: VERSION, env: process.env, readConfig, create: openApp });
