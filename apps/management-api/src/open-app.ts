import { loggedOpening, openBackends, openModelFiles, openSecret } from "@signalpath/backends";
import { createKeyRing } from "@signalpath/model-loader";
import type { ModelFileWriter } from "@signalpath/ports";
import {
  createAuthenticator,
  derivePeppers,
  mintKey,
  sha256,
  type App,
  type Starting,
} from "@signalpath/service-kit";

import { createManagementApi, SERVICE } from "./app.ts";
import { mediaRootOf, VERSION, type ManagementApiConfig } from "./config.ts";

/** Makes the folder when the first artefact comes: most instances never take one. */
function createLateWriter(root: string): ModelFileWriter {
  return {
    write: async (path, bytes) => {
      const { writer } = await openModelFiles(root, { writes: true });
      await writer.write(path, bytes);
    },
  };
}

/** The app over its servers, or over what this process holds where a URL is unset. */
export async function openApp(starting: Starting<ManagementApiConfig>): Promise<App> {
  const { config, kit, own, state } = starting;
  const opening = loggedOpening(SERVICE, kit, sha256);
  const secretKey = openSecret(config, opening);
  const { SECRET_KEY_PREVIOUS: previous, MODEL_SIGNING_KEYS: signingKeys } = config;
  const peppers = derivePeppers(secretKey, previous);
  const { pepper } = peppers;
  const ring = createKeyRing({ signingKeys, secretKey, previousSecretKey: previous });
  const backends = own(await openBackends(config, { ...opening, mintKey: () => mintKey(pepper) }));
  const authenticator = createAuthenticator({ ...kit, ...backends, ...peppers });
  const modelWriter = createLateWriter(mediaRootOf(config));
  const common = { kit, version: VERSION, state, authenticator, pepper, ring, modelWriter };
  return createManagementApi({ ...backends, ...common });
}
