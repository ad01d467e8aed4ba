import { createHttpApp, type App, type Kit } from "@signalpath/service-kit";

import type { Bundle } from "./server/bundle.ts";
import { createPages } from "./server/pages.ts";
import { createProxyCalls, type Upstreams } from "./server/proxy-calls.ts";

export { openBundle } from "./server/bundle.ts";

export const SERVICE = "console";

export interface ConsoleDeps {
  kit: Kit;
  version: string;
  state: () => "starting" | "running" | "draining";
  /** Closed with the app. */
  bundle: Bundle;
  /** Page that is shown while the files are not there. */
  fallbackHtml: string;
  /** Where calls go; absent = somebody else hands them out, and they are not answered here. */
  upstreams?: Upstreams;
}

/** Serves the console's files; alone it also hands its calls to the apps that answer them. */
export function createConsole(deps: ConsoleDeps): App {
  const { kit, bundle, fallbackHtml, upstreams } = deps;
  const probes = [
    {
      name: "console_files",
      check: async () => {
        if (bundle.state() !== "ready") throw new Error(`files are ${bundle.state()}`);
      },
    },
  ];
  const app = createHttpApp({
    service: SERVICE,
    version: deps.version,
    kit,
    probes,
    endpoints: [],
    state: deps.state,
    requestLevel: "debug",
  });
  if (upstreams !== undefined) {
    const proxied = createProxyCalls(upstreams);
    app.all("/api/*", proxied);
    app.all("/inference/*", proxied);
  }
  // Whether this is the demo is known to the standalone, which answers first.
  app.get("/demo/about.json", (c) =>
    c.json({ demo: false, sign_in_code: false, visitors: [], experiments: null }),
  );
  app.get("*", createPages({ bundle, fallbackHtml }));
  return {
    name: SERVICE,
    fetch: (request, env) => app.fetch(request, env),
    endpoints: [],
    probes,
    start: async () => {},
    close: () => bundle.close(),
  };
}
