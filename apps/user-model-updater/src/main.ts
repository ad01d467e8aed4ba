import { openBackends, openSecret } from "@signalpath/backends";
import { createMemoryContentStore } from "@signalpath/ports";
import {
  createAuthenticator,
  derivePepper,
  mintKey,
  runService,
  sha256,
} from "@signalpath/service-kit";

import { createUserModelUpdater } from "./app.ts";
import { readConfig, VERSION } from "./config.ts";
import { APP } from "./context.ts";

await runService({
  name: APP,
  version: VERSION,
  env: process.env,
  readConfig,
  async create({ config, kit, own, state }) {
    const { logger, now } = kit;
    const warn = (line: string): void => logger.warn(line);
    const onError = (err: unknown, what: string): void => logger.warn({ err }, `${what} failed`);
    const pepper = derivePepper(openSecret(config, { warn }));
    const opening = { service: APP, now, sha256, warn, onError, mintKey: () => mintKey(pepper) };
    const backends = own(await openBackends(config, opening));
    const authenticator = createAuthenticator({ keys: backends.keys, pepper, now, logger });
    const content = createMemoryContentStore();
    const { updater } = config;
    return createUserModelUpdater({
      ...backends,
      ...updater,
      kit,
      version: VERSION,
      state,
      authenticator,
      content,
      sha256,
    });
  },
});
