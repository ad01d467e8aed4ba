import { subjects, type Subject } from "@signalpath/contracts";
import { readPayload, type Bus, type Delivery, type Subscription } from "@signalpath/ports";
import type { Authenticator, Logger } from "@signalpath/service-kit";

import type { KeepCurrent } from "./keep-current.ts";

/** What this app hears, on every instance, each for what it holds in memory. */
export async function openSubscriptions(
  bus: Pick<Bus, "hear" | "onReconnect">,
  deps: { authenticator: Pick<Authenticator, "deny">; current: KeepCurrent; logger: Logger },
): Promise<Subscription[]> {
  const { authenticator, current, logger } = deps;
  const hear = <T>(subject: Subject<T>, handle: (message: T) => void): Promise<Subscription> =>
    bus.hear(subject.name, ({ body }: Delivery) => {
      const read = readPayload(subject, body);
      if (read.ok) handle(read.payload);
      else logger.warn({ subject: subject.name, code: read.code, detail: read.detail }, "ignored");
    });
  const heard = [
    await hear(subjects.modelTrained, (message) => void current.trained(message)),
    await hear(subjects.slotsChanged, ({ project_id }) => void current.slotsChanged(project_id)),
    await hear(subjects.keyRevoked, ({ key_id }) => authenticator.deny(key_id)),
  ];
  const forget = bus.onReconnect(() => void current.rereadAll());
  return [...heard, { close: async () => forget() }];
}
