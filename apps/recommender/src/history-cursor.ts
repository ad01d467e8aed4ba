import { ServiceError } from "@signalpath/contracts";
import type { NameSpace } from "@signalpath/domain";
import { z } from "zod";

/** Where the next page begins: after (in time: before) this event of this name space. */
export interface HistoryCursor {
  space: NameSpace;
  occurred_at: string;
  event_id: string;
}

const parts = z.tuple([
  z.enum(["user", "anonymous"]),
  z.iso.datetime({ precision: 3 }),
  z.string().min(1).max(200),
]);

/** Opaque text. It names no person: the reader's key and `user_id` decide whose events are read. */
export function encodeHistoryCursor({ space, occurred_at, event_id }: HistoryCursor): string {
  return Buffer.from(JSON.stringify([space, occurred_at, event_id]), "utf8").toString("base64url");
}

/** @throws ServiceError VALIDATION_FAILED for a text that is no cursor. */
export function decodeHistoryCursor(text: string): HistoryCursor {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    value = undefined;
  }
  const parsed = parts.safeParse(value);
  if (!parsed.success) {
    throw new ServiceError("VALIDATION_FAILED", "the request is not valid", {
      issues: [{ path: "cursor", message: "is not a cursor of this call" }],
    });
  }
  const [space, occurred_at, event_id] = parsed.data;
  return { space, occurred_at, event_id };
}
