import { loggedOpening, openBackends, openSecret } from "@signalpath/backends";
import { createMemoryContentStore } from "@signalpath/ports";
import * as kitOf from "@signalpath/service-kit";

import { createUserModelUpdater } from "./app.ts";
import { readConfig, VERSION } from "./config.ts";
import { APP } from "./context.ts";

await kitOf.runService({
  name: APP,
  version: VERSION,
  env: process.env,
  readConfig,
  async create({ config, kit, own, state }) {
    const { sha256 } = kitOf;
    const opening = loggedOpening(APP, kit, sha256);
    const secret = openSecret(config, opening);
    const peppers = kitOf.derivePeppers(secret, config.SECRET_KEY_PREVIOUS);
    const mintKey = () => kitOf.mintKey(peppers.pepper);
    const ports = own(await openBackends(config, { ...opening, mintKey }));
    const authenticator = kitOf.createAuthenticator({ ...kit, ...ports, ...peppers });
    const content = createMemoryContentStore();
    const shared = { kit, version: VERSION, state, authenticator, content, sha256 };
    return createUserModelUpdater({ ...ports, ...shared, ...config.updater });
  },
});
