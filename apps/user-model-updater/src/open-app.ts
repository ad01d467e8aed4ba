import { loggedOpening, openBackends, openModelFiles, openSecret } from "@signalpath/backends";
import { createLiveEmbeddings } from "@signalpath/embeddings";
import { createKeyRing } from "@signalpath/model-loader";
import { createMemoryContentStore } from "@signalpath/ports";
import {
  createAuthenticator,
  derivePeppers,
  mintKey,
  sha256,
  type App,
  type Starting,
} from "@signalpath/service-kit";

import { createUserModelUpdater } from "./app.ts";
import { mediaRootOf, VERSION, type Config } from "./config.ts";
import { APP } from "./context.ts";

/** The app over its servers, or over what this process holds where a URL is unset. */
export async function openApp({ config, kit, own, state }: Starting<Config>): Promise<App> {
  const opening = loggedOpening(APP, kit, sha256);
  const secretKey = openSecret(config, opening);
  const { SECRET_KEY_PREVIOUS: previousSecretKey, MODEL_SIGNING_KEYS: signingKeys } = config;
  const peppers = derivePeppers(secretKey, previousSecretKey);
  const ports = own(
    await openBackends(config, { ...opening, mintKey: () => mintKey(peppers.pepper) }),
  );
  const ring = createKeyRing({ signingKeys, secretKey, previousSecretKey });
  const { reader: files } = await openModelFiles(mediaRootOf(config), { writes: false });
  const spaces = own(createLiveEmbeddings({ ...ports, files, ring, logger: kit.logger }));
  await spaces.start();
  const authenticator = createAuthenticator({ ...kit, ...ports, ...peppers });
  const content = createMemoryContentStore();
  const shared = { kit, version: VERSION, state, authenticator, content, spaces, sha256 };
  return createUserModelUpdater({ ...ports, ...shared, ...config.updater });
}
