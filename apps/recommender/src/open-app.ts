import {
  loggedOpening,
  openBackends,
  openContent,
  openModelFiles,
  openSecret,
} from "@signalpath/backends";
import { createLiveEmbeddings } from "@signalpath/embeddings";
import { createKeyRing } from "@signalpath/model-loader";
import {
  createAuthenticator,
  derivePeppers,
  mintKey,
  sha256,
  type App,
  type Starting,
} from "@signalpath/service-kit";

import { createRecommender, SERVICE } from "./app.ts";
import { mediaRootOf, settingsOf, VERSION, type RecommenderConfig } from "./config.ts";

/** The app over its servers, or over what this process holds where a URL is unset. */
export async function openApp(starting: Starting<RecommenderConfig>): Promise<App> {
  const { config, kit, own, state } = starting;
  const opening = loggedOpening(SERVICE, kit, sha256);
  const secret = openSecret(config, opening);
  const { SECRET_KEY_PREVIOUS: previous, MODEL_SIGNING_KEYS: signingKeys } = config;
  const peppers = derivePeppers(secret, previous);
  const ring = createKeyRing({ signingKeys, secretKey: secret, previousSecretKey: previous });
  const files = await openModelFiles(mediaRootOf(config), { writes: false });
  const backends = own(
    await openBackends(config, { ...opening, mintKey: () => mintKey(peppers.pepper) }),
  );
  const spaces = own(
    createLiveEmbeddings({ ...backends, files: files.reader, ring, logger: kit.logger }),
  );
  await spaces.start();
  const authenticator = createAuthenticator({ ...kit, ...backends, ...peppers });
  return createRecommender({
    ...backends,
    kit,
    version: VERSION,
    state,
    authenticator,
    events: backends.buffer,
    modelFiles: files.reader,
    ring,
    spaces,
    content: own(await openContent(config, opening)),
    settings: settingsOf(config),
    corsOrigins: config.CORS_ORIGINS,
  });
}
