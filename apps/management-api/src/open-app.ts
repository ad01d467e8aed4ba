import { loggedOpening, openBackends, openSecret } from "@signalpath/backends";
import {
  createAuthenticator,
  derivePepper,
  mintKey,
  sha256,
  type App,
  type Starting,
} from "@signalpath/service-kit";

import { createManagementApi, SERVICE } from "./app.ts";
import { VERSION, type ManagementApiConfig } from "./config.ts";

/** The app over its servers, or over what this process holds where a URL is unset. */
export async function openApp(starting: Starting<ManagementApiConfig>): Promise<App> {
  const { config, kit, own, state } = starting;
  const opening = loggedOpening(SERVICE, kit, sha256);
  const pepper = derivePepper(openSecret(config, opening));
  const backends = own(await openBackends(config, { ...opening, mintKey: () => mintKey(pepper) }));
  const authenticator = createAuthenticator({ ...kit, ...backends, pepper });
  const common = { kit, version: VERSION, state, authenticator, pepper };
  return createManagementApi({ ...backends, ...common });
}
