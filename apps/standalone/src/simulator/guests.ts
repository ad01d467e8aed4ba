import { showList } from "./behave.ts";
import type { Sender } from "./sender.ts";
import type { Trials } from "./trials.ts";
import type { Visitor } from "./visitors.ts";

/** A guest comes this often, milliseconds. */
export const GUEST_MS = 5_000;
/** Guests there are; then the first comes again, so that a demo of weeks does not grow. */
const GUESTS = 20_000;
const LIST_LENGTH = 3;

/** Who comes at that moment: another one every five seconds, the same after a restart. */
export function guestAt(nowMs: number): Visitor {
  const userId = `guest-${Math.floor(nowMs / GUEST_MS) % GUESTS}`;
  const nothing = { loves: [], bored: [], queries: [], patience: 0.5, traits: {} };
  return { userId, anonymousId: `device-${userId}`, ...nothing };
}

/** People who come once: a list is shown to them, and experiments count what came of it. */
export async function receiveGuests(deps: {
  sender: Pick<Sender, "recommend" | "send">;
  trials: Pick<Trials, "met">;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  signal: AbortSignal;
  onTrouble: (error: unknown) => void;
}): Promise<void> {
  const { sender, trials, now, sleep, signal } = deps;
  while (!signal.aborted) {
    try {
      const guest = guestAt(now());
      const answer = await sender.recommend(guest, LIST_LENGTH);
      const ids = answer.items.map(({ item_id }) => item_id);
      if (ids.length > 0) await sender.send(guest, showList(ids, answer.request_id));
      await trials.met(guest.userId, answer.experiments);
    } catch (error) {
      if (signal.aborted) return;
      deps.onTrouble(error);
    }
    await sleep(GUEST_MS);
  }
}
