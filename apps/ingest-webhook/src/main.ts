import {
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
    const { logger, metrics, now } = kit;
    const warn = (line: string): void => logger.warn(line);
    const onError = (err: unknown, what: string): void => logger.warn({ err }, `${what} failed`);
    const opening = { service: APP, now, sha256, warn, onError };
    const pepper = derivePepper(openSecret(config, opening));
    const stores = own(await openStores(config, opening));
    const bus = own(await openBus(config, opening, stores));
    await prepareDevelopment(stores, opening, () => mintKey(pepper));
    const { limiter } = own(await openRateLimiter(config, opening));
    const { keys } = stores;
    const authenticator = createAuthenticator({ keys, limiter, pepper, now, logger, metrics });
    const common = { kit, version: VERSION, state, authenticator, limits: limitsOf(config) };
    return createIngestWebhook({ ...stores, ...common, bus });
  },
});
