import {
  loggedOpening,
  openBus,
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

import { createExperiments, SERVICE } from "./app.ts";
import { VERSION, type ExperimentsConfig } from "./config.ts";

/** The app over its servers, or over what this process holds where a URL is unset. */
export async function openApp(starting: Starting<ExperimentsConfig>): Promise<App> {
  const { config, kit, own, state } = starting;
  const opening = loggedOpening(SERVICE, kit, sha256);
  const peppers = derivePeppers(openSecret(config, opening), config.SECRET_KEY_PREVIOUS);
  const stores = own(await openStores(config, opening));
  const bus = own(await openBus(config, opening, stores));
  await prepareDevelopment(stores, opening, () => mintKey(peppers.pepper));
  const authenticator = createAuthenticator({ ...kit, ...stores, ...peppers });
  return createExperiments({ ...stores, kit, version: VERSION, state, authenticator, bus });
}
