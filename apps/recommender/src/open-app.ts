import { loggedOpening, openBackends, openContent, openSecret } from "@signalpath/backends";
import {
  createAuthenticator,
  derivePeppers,
  mintKey,
  sha256,
  type App,
  type Starting,
} from "@signalpath/service-kit";

import { createRecommender, SERVICE } from "./app.ts";
import { settingsOf, VERSION, type RecommenderConfig } from "./config.ts";

/** The app over its servers, or over what this process holds where a URL is unset. */
export async function openApp(starting: Starting<RecommenderConfig>): Promise<App> {
  const { config, kit, own, state } = starting;
  const opening = loggedOpening(SERVICE, kit, sha256);
  const peppers = derivePeppers(openSecret(config, opening), config.SECRET_KEY_PREVIOUS);
  const backends = own(
    await openBackends(config, { ...opening, mintKey: () => mintKey(peppers.pepper) }),
  );
  const authenticator = createAuthenticator({ ...kit, ...backends, ...peppers });
  return createRecommender({
    ...backends,
    kit,
    version: VERSION,
    state,
    authenticator,
    events: backends.buffer,
    content: own(openContent(config, opening)),
    settings: settingsOf(config),
    corsOrigins: config.CORS_ORIGINS,
  });
}
