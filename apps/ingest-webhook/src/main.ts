import {
  loggedOpening,
  openBus,
  openRateLimiter,
  openSecret,
  openStores,
  prepareDevelopment,
} from "@signalpath/backends";
import {
  createAuthenticator,
  derivePepper,
  mintKey,
  runService,
  sha256,
} from "@signalpath/service-kit";
import { APP, createIngestWebhook } from "./app.ts";
import { limitsOf, readConfig, VERSION } from "./config.ts";

await runService({
  name: APP,
  version: VERSION,
  env: process.env,
  readConfig,
  async create({ config, kit, own, state }) {
    const opening = loggedOpening(APP, kit, sha256);
    const pepper = derivePepper(openSecret(config, opening));
    const stores = own(await openStores(config, opening));
    const bus = own(await openBus(config, opening, stores));
    await prepareDevelopment(stores, opening, () => mintKey(pepper));
    const { limiter } = own(await openRateLimiter(config, opening));
    const authenticator = createAuthenticator({ ...kit, ...stores, limiter, pepper });
    const common = { kit, version: VERSION, state, authenticator, limits: limitsOf(config) };
    return createIngestWebhook({ ...stores, ...common, bus });
  },
});
