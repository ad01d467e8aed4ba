import { subjects } from "@signalpath/contracts";
import { readPayload, type Bus, type Subscription } from "@signalpath/ports";
import type { Authenticator, Kit } from "@signalpath/service-kit";

/** Hears of revoked keys, so that they are refused before their cached record expires. */
export async function hearRevocations(
  bus: Pick<Bus, "hear">,
  authenticator: Pick<Authenticator, "deny">,
  { logger }: Pick<Kit, "logger">,
): Promise<Subscription> {
  return bus.hear(subjects.keyRevoked.name, ({ body }) => {
    const read = readPayload(subjects.keyRevoked, body);
    if (read.ok) authenticator.deny(read.payload.key_id);
    else logger.warn({ code: read.code, detail: read.detail }, "unreadable revocation");
  });
}
