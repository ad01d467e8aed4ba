import {
  loggedOpening,
  openEmbeddingProvider,
  openBus,
  openModelFiles,
  openSecret,
  openStores,
} from "@signalpath/backends";
import { sha256, type App, type Starting } from "@signalpath/service-kit";

import { createTrainer } from "./app.ts";
import { VERSION, type Config } from "./config.ts";
import { APP } from "./context.ts";

/** Opens what the trainer stands on. The ports it opens are closed after it. */
export async function openApp({ config, kit, own, state }: Starting<Config>): Promise<App> {
  const opening = loggedOpening(APP, kit, sha256);
  const secretKey = openSecret(config, opening);
  const stores = own(await openStores(config, opening));
  const bus = own(await openBus(config, opening, stores));
  return createTrainer({
    ...stores,
    kit,
    version: VERSION,
    state,
    bus,
    embeddingProvider: openEmbeddingProvider(config),
    modelFiles: await openModelFiles(config.mediaRoot, { writes: true }),
    signing: {
      secretKey,
      previousSecretKey: config.SECRET_KEY_PREVIOUS,
      signingKeys: config.MODEL_SIGNING_KEYS,
    },
    ...(config.gitVersion === undefined ? {} : { gitVersion: config.gitVersion }),
    options: config.trainer,
  });
}
