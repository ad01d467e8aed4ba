import {
  loggedOpening,
  openBus,
  openSecret,
  openStores,
  prepareDevelopment,
} from "@signalpath/backends";
import {
  createAuthenticator,
  derivePepper,
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
  const pepper = derivePepper(openSecret(config, opening));
  const stores = own(await openStores(config, opening));
  const bus = own(await openBus(config, opening, stores));
  await prepareDevelopment(stores, opening, () => mintKey(pepper));
  const authenticator = createAuthenticator({ ...kit, ...stores, pepper });
  return createExperiments({ ...stores, kit, version: VERSION, state, authenticator, bus });
}
