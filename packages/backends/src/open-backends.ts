import type { Bus } from "@signalpath/ports";

import { openBus } from "./open-bus.ts";
import { openStores, type Stores } from "./open-stores.ts";
import { openUserState, type UserState } from "./open-user-state.ts";
import type { BackendSettings, Opening } from "./opening.ts";
import { prepareDevelopment, type MintKey } from "./prepare-development.ts";

/** Every port of an app. */
export interface Backends extends Omit<Stores, "close"> {
  bus: Bus;
  buffer: UserState["buffer"];
  models: UserState["models"];
  features: UserState["features"];
  limiter: UserState["limiter"];
  embeddedUserState: boolean;
  /** The bus first: its handlers still need the stores. */
  close(): Promise<void>;
}

/**
 * Opens stores, bus and user state of one app, each at its server or embedded.
 * @throws what the openings throw; what was opened before is closed.
 */
export async function openBackends(
  settings: BackendSettings,
  opening: Opening & { mintKey: MintKey },
): Promise<Backends> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).toReversed()) await one.close();
  };
  try {
    const stores = await openStores(settings, opening);
    opened.push(stores);
    const userState = await openUserState(settings, opening);
    opened.push(userState);
    const bus = await openBus(settings, opening, stores);
    opened.push(bus);
    await prepareDevelopment(stores, opening, opening.mintKey);
    return { ...stores, ...userState, bus, embeddedUserState: userState.embedded, close };
  } catch (error) {
    await close();
    throw error;
  }
}
