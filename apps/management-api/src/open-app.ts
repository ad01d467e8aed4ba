import { loggedOpening, openBackends, openModelFiles, openSecret } from "@signalpath/backends";
import { createKeyRing } from "@signalpath/model-loader";
import type { ModelFileReader, ModelFileWriter } from "@signalpath/ports";
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

/** Opens the folder when the first artefact is asked for. */
function createLateReader(root: string): ModelFileReader {
  const open = async () => (await openModelFiles(root, { writes: false })).reader;
  return {
    stat: async (path) => (await open()).stat(path),
    read: async (...given) => (await open()).read(...given),
    check: async () => (await open()).check(),
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
  const modelFiles = createLateReader(mediaRootOf(config));
  const artefacts = { ring, modelWriter, modelFiles };
  const common = { kit, version: VERSION, state, authenticator, pepper, ...artefacts };
  return createManagementApi({ ...backends, ...common });
}
