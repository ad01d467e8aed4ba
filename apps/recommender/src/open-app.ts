import { loggedOpening, openBackends, openContent, openSecret } from "@signalpath/backends";
import {
  createAuthenticator,
  derivePepper,
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
  const pepper = derivePepper(openSecret(config, opening));
  const backends = own(await openBackends(config, { ...opening, mintKey: () => mintKey(pepper) }));
  const authenticator = createAuthenticator({ ...kit, ...backends, pepper });
  return createRecommender({
    ...backends,
    kit,
    version: VERSION,
    state,
    authenticator,
    events: backends.buffer,
    content: own(openContent(config, opening)),
    settings: settingsOf(config),
  });
}
