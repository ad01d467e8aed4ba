import { subjects } from "@signalpath/contracts";
import { readPayload, type Keys } from "@signalpath/ports";
import type { Logger } from "@signalpath/service-kit";

/** Stores what an app with a read-only database says of a key it saw; never throws. */
export async function storeKeyUse(
  keys: Pick<Keys, "touch">,
  body: string,
  logger: Logger,
): Promise<void> {
  const read = readPayload(subjects.keyUsed, body);
  if (!read.ok) {
    logger.warn({ code: read.code, detail: read.detail }, "keys.used ignored");
    return;
  }
  try {
    await keys.touch(read.payload.key_id, read.payload.used_at);
  } catch (error) {
    logger.warn({ err: error }, "last use of a key not stored");
  }
}
