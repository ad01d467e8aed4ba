import { openBackends, openContent, openSecret } from "@signalpath/backends";
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
  const { logger, metrics, now } = kit;
  const warn = (line: string): void => logger.warn(line);
  const onError = (err: unknown, what: string): void => logger.warn({ err }, `${what} failed`);
  const pepper = derivePepper(openSecret(config, { warn }));
  const opening = { service: SERVICE, now, sha256, warn, onError, mintKey: () => mintKey(pepper) };
  const backends = own(await openBackends(config, opening));
  const { keys, limiter } = backends;
  const authenticator = createAuthenticator({ keys, limiter, pepper, now, logger, metrics });
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
