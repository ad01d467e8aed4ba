import { MAX_ENVELOPE_BYTES, MAX_EVENT_BYTES } from "@signalpath/contracts";
import { normaliseRudderStack, type NormaliseContext, type Normalised } from "@signalpath/domain";

import { jsonText } from "./json-text.ts";

/** Normalising can at most multiply a text by this (`1e20` is written out), plus the fixed fields. */
const LARGEST_GROWTH = 6;
const FIXED_BYTES = 4_096;

/**
 * Verdict on one event of a request, before the bus is asked: sizes, then the normaliser.
 * @param requestBytes decompressed bytes of the whole request; spares measuring its small events
 */
export function judgeItem(
  raw: unknown,
  context: NormaliseContext,
  requestBytes: number,
): Normalised {
  if (requestBytes > MAX_EVENT_BYTES && Buffer.byteLength(jsonText(raw)) > MAX_EVENT_BYTES) {
    const messageId = idOf(raw, context);
    return tooLarge(messageId, `an event is at most ${MAX_EVENT_BYTES} bytes`);
  }
  const result = normaliseRudderStack(raw, context);
  if (result.verdict !== "events") return result;
  if (requestBytes * LARGEST_GROWTH + FIXED_BYTES <= MAX_ENVELOPE_BYTES) return result;
  const isTooLarge = result.events.some(
    (event) => Buffer.byteLength(JSON.stringify(event)) > MAX_ENVELOPE_BYTES,
  );
  if (!isTooLarge) return result;
  return tooLarge(result.messageId, `larger than ${MAX_ENVELOPE_BYTES} bytes in its normal form`);
}

/** Id of an event that is too large to be judged in full. */
function idOf(raw: unknown, context: NormaliseContext): string | undefined {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  const { messageId, message_id } = raw as { messageId?: unknown; message_id?: unknown };
  if (messageId === undefined && message_id === undefined) return undefined;
  return normaliseRudderStack({ messageId, message_id }, context).messageId;
}

function tooLarge(messageId: string | undefined, detail: string): Normalised {
  return { verdict: "dead_lettered", code: "EVENT_TOO_LARGE", messageId, detail };
}
