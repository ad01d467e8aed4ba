import { subjects, type Subject } from "@signalpath/contracts";
import type { UserKey } from "@signalpath/domain";
import { readPayload, type Bus, type Delivery, type Subscription } from "@signalpath/ports";
import type { Authenticator, Logger } from "@signalpath/service-kit";

import type { ListCache } from "./list-cache.ts";
import type { ModelCache } from "./model-cache.ts";
import { personKeys } from "./person-keys.ts";
import type { PoolMemo } from "./pool-memo.ts";

export interface HeardBy {
  authenticator: Authenticator;
  models: ModelCache;
  lists: ListCache;
  pools: Pick<PoolMemo, "clear">;
  logger: Logger;
}

/** What this app hears, each for its caches. Closing one stops listening. */
export async function openSubscriptions(
  bus: Pick<Bus, "hear" | "onReconnect">,
  { authenticator, models, lists, pools, logger }: HeardBy,
): Promise<Subscription[]> {
  const erased = await bus.hear(
    subjects.userErased.name,
    reader(subjects.userErased, logger, ({ project_id, user_id, keys: erasedKeys = [] }) => {
      const keys = [...personKeys(project_id, user_id), ...(erasedKeys as UserKey[])];
      const owners = keys.flatMap((key) => models.get(key)?.owner ?? []);
      models.forget(keys);
      lists.forget([...keys, ...owners]);
      pools.clear();
    }),
  );
  const revoked = await bus.hear(
    subjects.keyRevoked.name,
    reader(subjects.keyRevoked, logger, ({ key_id }) => authenticator.deny(key_id)),
  );
  // Erasures may have been missed while the bus was away.
  const forget = bus.onReconnect(() => {
    models.clear();
    lists.clear();
    pools.clear();
  });
  return [erased, revoked, { close: async () => forget() }];
}

function reader<T>(
  subject: Subject<T>,
  logger: Logger,
  handle: (message: T) => void,
): (message: Delivery) => void {
  return ({ body }) => {
    const read = readPayload(subject, body);
    if (read.ok) handle(read.payload);
    else logger.warn({ subject: subject.name, code: read.code, detail: read.detail }, "ignored");
  };
}
