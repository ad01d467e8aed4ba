import { runService } from "@signalpath/service-kit";

import { createConsole, openBundle, SERVICE } from "./app.ts";
import { readConfig, upstreamsOf, VERSION } from "./config.ts";
import { BUILDING_PAGE } from "./server/building-page.ts";

await runService({
  name: SERVICE,
  version: VERSION,
  env: process.env,
  readConfig,
  create: async ({ config, kit, state }) =>
    createConsole({
      kit,
      version: VERSION,
      state,
      bundle: openBundle(kit),
      fallbackHtml: BUILDING_PAGE,
      upstreams: upstreamsOf(config),
    }),
});
