import { isPageRequest, ownerOf, type Endpoint, type Owner } from "@signalpath/contracts";
import type { Probe } from "@signalpath/ports";
import { createHttpApp, type App, type Kit } from "@signalpath/service-kit";

import { bindDemoPage } from "./demo-page.ts";
import { bindDemoSignIn, type SignInCode } from "./demo-sign-in.ts";

export interface EdgeDeps {
  kit: Kit;
  version: string;
  state: () => "starting" | "running" | "draining";
  apps: Readonly<Record<Owner, App>>;
  /** Answers what a browser asks for as a page. */
  console: Pick<App, "fetch">;
  /** Key of the page at `/demo`; absent = there is none. */
  publishableKey?: string | undefined;
  /** Opens the console of the demo; absent = keys alone do. */
  signIn?: { code: SignInCode; apiKey: string } | undefined;
}

/**
 * The one port: each request goes to the app that answers its path, with that app's own middleware
 * and errors. Health, metrics and the API reference are those of all apps together.
 */
export function createEdge(deps: EdgeDeps): Pick<App, "fetch"> {
  const apps = Object.values(deps.apps);
  const own = createHttpApp({
    service: "standalone",
    version: deps.version,
    kit: deps.kit,
    probes: mergeProbes(apps),
    endpoints: mergeEndpoints(apps),
    state: deps.state,
    requestLevel: "debug",
  });
  bindDemoSignIn(own, { isOn: deps.publishableKey !== undefined, signIn: deps.signIn });
  if (deps.publishableKey !== undefined) bindDemoPage(own, deps.publishableKey);
  return {
    fetch(request, env) {
      const { method, url } = request;
      const pathname = pathnameOf(url);
      const owner = ownerOf(method, pathname);
      if (owner !== undefined) return deps.apps[owner].fetch(request, env);
      const isPage = isPageRequest(method, pathname, request.headers.get("accept"));
      return (isPage ? deps.console : own).fetch(request, env);
    },
  };
}

/** Path of an absolute URL as it was written; parsing a URL for each request costs too much. */
export function pathnameOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return "/";
  const end = url.slice(start).search(/[?#]/);
  return end < 0 ? url.slice(start) : url.slice(start, start + end);
}

/** Apps name what they stand on alike; one question a dependency is enough. */
export function mergeProbes(apps: readonly Pick<App, "probes">[]): Probe[] {
  const byName = new Map<string, Probe>();
  for (const probe of apps.flatMap((app) => app.probes)) {
    const known = byName.get(probe.name);
    byName.set(probe.name, known === undefined ? probe : bothOf(known, probe));
  }
  return [...byName.values()];
}

function bothOf(first: Probe, second: Probe): Probe {
  return {
    name: first.name,
    check: async () => void (await Promise.all([first.check(), second.check()])),
  };
}

function mergeEndpoints(apps: readonly Pick<App, "endpoints">[]): Endpoint[] {
  return apps.flatMap((app) => app.endpoints);
}
