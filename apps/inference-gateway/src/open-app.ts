import {
  loggedOpening,
  openBus,
  openModelFiles,
  openRateLimiter,
  openSecret,
  openStores,
} from "@signalpath/backends";
import { createKeyRing } from "@signalpath/model-loader";
import {
  announcingKeyUse,
  createAuthenticator,
  derivePeppers,
  sha256,
  type App,
  type Starting,
} from "@signalpath/service-kit";

import { createInferenceGateway, SERVICE } from "./app.ts";
import { mediaRootOf, settingsOf, VERSION, type GatewayConfig } from "./config.ts";

/** The app over its servers, or over what this process holds where a URL is unset. */
export async function openApp(starting: Starting<GatewayConfig>): Promise<App> {
  const { config, kit, own, state } = starting;
  const opening = loggedOpening(SERVICE, kit, sha256);
  const secret = openSecret(config, opening);
  const { SECRET_KEY_PREVIOUS: previous, MODEL_SIGNING_KEYS: signingKeys } = config;
  const ring = createKeyRing({ signingKeys, secretKey: secret, previousSecretKey: previous });
  const stores = own(await openStores(config, opening));
  const { limiter } = own(await openRateLimiter(config, opening));
  const files = await openModelFiles(mediaRootOf(config), { writes: false });
  const bus = own(await openBus(config, opening, stores));
  const authenticator = createAuthenticator({
    ...kit,
    keys: announcingKeyUse(stores.keys, bus),
    limiter,
    ...derivePeppers(secret, previous),
  });
  return createInferenceGateway({
    ...stores,
    kit,
    version: VERSION,
    state,
    authenticator,
    modelFiles: files.reader,
    ring,
    limiter,
    bus,
    random: Math.random,
    settings: settingsOf(config),
  });
}
