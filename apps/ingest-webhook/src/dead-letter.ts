import { MAX_DEAD_LETTER_BYTES, type ItemCode } from "@signalpath/contracts";
import { cleanText, readIdentity, userKey } from "@signalpath/domain";
import type { DeadLetters, NewDeadLetter } from "@signalpath/ports";
import { sha256 } from "@signalpath/service-kit";

import { APP } from "./deps.ts";
import { cutBytes, jsonText } from "./json-text.ts";

/** Rows written in one call. */
const PUT_BATCH = 500;

/** Why something is put aside. */
export interface Refusal {
  projectId: number;
  code: ItemCode;
  detail: string;
  receivedAtMs: number;
}

/** Letter of one event of a request, filed under its person so that an erasure finds it. */
export function letterOfItem(
  refusal: Refusal,
  raw: unknown,
  messageId: string | undefined,
): NewDeadLetter {
  const isObject = typeof raw === "object" && raw !== null && !Array.isArray(raw);
  const identity = isObject ? readIdentity(raw as Record<string, unknown>) : {};
  const key = (space: "user" | "anonymous", id: string) =>
    userKey(sha256, refusal.projectId, space, id);
  return {
    ...letter(refusal, jsonText(raw)),
    ...(messageId === undefined ? {} : { eventId: messageId }),
    ...(identity.user_id === undefined ? {} : { userKey: key("user", identity.user_id) }),
    ...(identity.anonymous_id === undefined
      ? {}
      : { anonymousKey: key("anonymous", identity.anonymous_id) }),
  };
}

/** Letter of a body nothing could be read from; bytes that are no UTF-8 become U+FFFD. */
export function letterOfBody(refusal: Refusal, bytes: Uint8Array): NewDeadLetter {
  const head = bytes.subarray(0, MAX_DEAD_LETTER_BYTES);
  const made = letter(refusal, new TextDecoder().decode(head));
  return { ...made, truncated: made.truncated || head.length < bytes.length };
}

/** Letter of a body whose compression is broken: as text its bytes would be lost. */
export function letterOfPacked(refusal: Refusal, sent: Buffer, truncated: boolean): NewDeadLetter {
  // 3 bytes become 4 characters.
  const head = sent.subarray(0, Math.floor(MAX_DEAD_LETTER_BYTES / 4) * 3);
  const made = letter(refusal, head.toString("base64"));
  return { ...made, truncated: truncated || head.length < sent.length };
}

function letter(refusal: Refusal, text: string): NewDeadLetter {
  const body = cutBytes(cleanText(text), MAX_DEAD_LETTER_BYTES);
  return {
    projectId: refusal.projectId,
    app: APP,
    code: refusal.code,
    detail: refusal.detail,
    receivedAt: new Date(refusal.receivedAtMs).toISOString(),
    body: body.text,
    truncated: body.truncated,
  };
}

/** Stores letters, the same one once. @throws UnavailableError: then nothing may be acknowledged. */
export async function putLetters(
  deadLetters: DeadLetters,
  letters: readonly NewDeadLetter[],
): Promise<void> {
  const different = new Map(
    letters.map((one) => [`${one.code}/${one.eventId ?? ""}/${one.eventId ? "" : one.body}`, one]),
  );
  const rows = [...different.values()];
  for (let start = 0; start < rows.length; start += PUT_BATCH) {
    await deadLetters.put(rows.slice(start, start + PUT_BATCH));
  }
}
