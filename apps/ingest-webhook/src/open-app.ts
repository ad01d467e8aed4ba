import {
  loggedOpening,
  openBus,
  openRateLimiter,
  openSecret,
  openStores,
  prepareDevelopment,
} from "@signalpath/backends";
import {
  createAuthenticator,
  derivePeppers,
  mintKey,
  sha256,
  type App,
  type Starting,
} from "@signalpath/service-kit";

import { APP, createIngestWebhook } from "./app.ts";
import { limitsOf, VERSION, type readConfig } from "./config.ts";

/** The app over its servers, or over what this process holds where a URL is unset. */
export async function openApp(starting: Starting<ReturnType<typeof readConfig>>): Promise<App> {
  const { config, kit, own, state } = starting;
  const opening = loggedOpening(APP, kit, sha256);
  const peppers = derivePeppers(openSecret(config, opening), config.SECRET_KEY_PREVIOUS);
  const stores = own(await openStores(config, opening));
  const bus = own(await openBus(config, opening, stores));
  await prepareDevelopment(stores, opening, () => mintKey(peppers.pepper));
  const { limiter } = own(await openRateLimiter(config, opening));
  const authenticator = createAuthenticator({ ...kit, ...stores, limiter, ...peppers });
  const common = { kit, version: VERSION, state, authenticator, limits: limitsOf(config) };
  const corsOrigins = config.CORS_ORIGINS;
  return createIngestWebhook({ ...stores, ...common, bus, corsOrigins });
}
