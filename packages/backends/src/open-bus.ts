import { ALL_SIGNALS } from "@signalpath/contracts";
import { createMemoryBus, type Bus } from "@signalpath/ports";

import { createArchiveBus } from "./archive-bus/index.ts";
import { natsFindings } from "./doctor/nats-findings.ts";
import { takeFindings } from "./doctor/take-findings.ts";
import type { Stores } from "./open-stores.ts";
import { isProduction, type BackendSettings, type Opening } from "./opening.ts";

/**
 * Opens the bus: JetStream at NATS_URL, else one inside this process whose log of `signals.*` is
 * the archive. Streams are created outside production only.
 * @throws UnavailableError; ConfigError when production finds a bus open to anybody, Error when
 * it finds no streams.
 */
export async function openBus(
  settings: BackendSettings,
  opening: Opening,
  stores: Pick<Stores, "archive" | "reader">,
): Promise<Bus> {
  const { now, onError } = opening;
  if (settings.NATS_URL === undefined) {
    opening.warn(
      `NATS_URL is unset: the bus is inside this process, ${opening.service} hears no other service`,
    );
    const control = createMemoryBus({ now, onError });
    return createArchiveBus({ ...stores, control, now, onError });
  }
  // Its client is loaded by those that use it.
  const { createNatsBus, describeServer, ensureStreams, openNats } =
    await import("@signalpath/adapter-nats");
  const { NATS_NKEY_SEED: nkeySeed } = settings;
  const connection = await openNats(settings.NATS_URL, {
    name: opening.service,
    ...(nkeySeed === undefined ? {} : { nkeySeed }),
  });
  const bus = createNatsBus(connection, { now, onError });
  try {
    const findings = natsFindings(settings.NATS_URL, describeServer(connection));
    takeFindings(findings, settings, opening);
    if (isProduction(settings)) await requireStreams(bus);
    else await ensureStreams(connection);
  } catch (error) {
    await bus.close();
    throw error;
  }
  return bus;
}

async function requireStreams(bus: Bus): Promise<void> {
  try {
    // Asking for any consumer tells whether its stream is there.
    await bus.lag("probe", ALL_SIGNALS);
  } catch (cause) {
    throw new Error("the bus has no streams of ours: run `signalpath migrate`", { cause });
  }
}
