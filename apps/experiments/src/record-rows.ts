import type { SignalEvent } from "@signalpath/domain";
import type { Recorded } from "@signalpath/ports";

import type { Call, Context } from "./context.ts";
import { publishSignals } from "./publish-signals.ts";

/** Rows of HTTP: commit, then tell the bus of all that no erasure forbids. */
export async function recordRows(
  ctx: Context,
  { traceHeaders }: Pick<Call, "traceHeaders">,
  {
    kind,
    write,
    signals,
  }: {
    kind: "exposure" | "conversion" | "slot_event";
    write: () => Promise<Recorded>;
    /** One a row, in their order; undefined: no signal says this. */
    signals: readonly (SignalEvent | undefined)[];
  },
): Promise<Recorded> {
  const done = await write();
  count(ctx, kind, "http", done);
  const erased = new Set(done.erased);
  const told = signals.filter((signal, place) => signal !== undefined && !erased.has(place));
  await publishSignals(ctx, told as SignalEvent[], traceHeaders);
  return done;
}

/** Outcomes of one writing. */
export function count(
  { meters }: Pick<Context, "meters">,
  kind: "exposure" | "conversion" | "slot_event",
  door: "http" | "bus",
  done: Recorded,
): void {
  if (done.replayed) return;
  meters.rows.inc({ kind, door, outcome: "recorded" }, done.recorded);
  meters.rows.inc({ kind, door, outcome: "deduplicated" }, done.deduplicated);
  meters.rows.inc({ kind, door, outcome: "erased" }, done.erased.length);
}
