import { SUBJECT_OF_KIND } from "@signalpath/contracts";
import { normaliseEnvelope, type SignalEvent } from "@signalpath/domain";
import { RefusedError } from "@signalpath/ports";
import { publishTraced, sha256, type HeaderValues } from "@signalpath/service-kit";

import type { Context } from "./context.ts";

/**
 * Tells the bus what rows of ours say, on every attempt and under ids that follow from the rows: a
 * retry after a crash between commit and publish tells it, one after both changes nothing. Rows that
 * no signal can say (too old, an id that means nobody) are counted and left out.
 * @throws UnavailableError: the caller answers 503 and is asked again.
 */
export async function publishSignals(
  { bus, tracing, meters, kit }: Context,
  events: readonly SignalEvent[],
  traceHeaders: HeaderValues,
): Promise<void> {
  const receivedAtMs = kit.now();
  await Promise.all(
    events.map(async (given) => {
      const read = normaliseEnvelope(given, { receivedAtMs });
      // Under another id it would be another unit's row.
      if (!read.ok || read.event.user_id !== given.user_id) {
        meters.signals.inc({ outcome: "no_signal" });
        return;
      }
      const { event } = read;
      const id = sha256(`${event.project_id}:${event.event_id}`);
      try {
        const subject = SUBJECT_OF_KIND[event.kind];
        await publishTraced(bus, tracing, subject, event, { id, traceHeaders });
        meters.signals.inc({ outcome: "published" });
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        meters.signals.inc({ outcome: "refused" });
      }
    }),
  );
}
