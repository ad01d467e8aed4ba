import { headers, ServiceError } from "@signalpath/contracts";
import type { KeyRecord, SenderProfile } from "@signalpath/ports";
import { addressOf, hasScope, toServiceError, type Authenticator } from "@signalpath/service-kit";
import type { Context } from "hono";

/** Seconds a sender is told to wait when the trouble names none. */
const RETRY_AFTER_SECONDS = 5;

/**
 * The key of a sender: `X-Write-Key`, `X-API-Key`, bearer, or basic (key as user name); the first
 * that is there counts. A source's write key or an API key with scope write or ingest.
 * @throws ServiceError KEY_REQUIRED, KEY_INVALID, KEY_EXPIRED, SCOPE_MISSING, RATE_LIMITED,
 * STORE_UNAVAILABLE.
 */
export async function authenticateSender(
  c: Context,
  authenticator: Authenticator,
): Promise<KeyRecord> {
  const presented = presentedKey(c);
  if (presented === undefined || presented === "") {
    throw new ServiceError("KEY_REQUIRED", "a write key is required");
  }
  const record = await authenticator.verify(presented, addressOf(c));
  const maySend = hasScope(record, "write") || hasScope(record, "ingest");
  if (record.kind !== "write" && !maySend) {
    throw new ServiceError("SCOPE_MISSING", "API key does not have 'write' or 'ingest' scope");
  }
  return record;
}

function presentedKey(c: Context): string | undefined {
  const plain = c.req.header(headers.writeKey) || c.req.header(headers.apiKey);
  if (plain) return plain.trim();
  const match = /^(bearer|basic) +(\S+)$/i.exec(c.req.header("authorization")?.trim() ?? "");
  if (match === null) return undefined;
  const credentials = match[2] as string;
  if (match[1]?.toLowerCase() === "bearer") return credentials;
  return Buffer.from(credentials, "base64").toString("utf8").split(":", 1)[0];
}

/** How a sender treats our answers: what its key says, else what its user agent tells. */
export function profileOf(c: Context, record: KeyRecord | undefined): SenderProfile {
  if (record?.profile !== undefined) return record.profile;
  return /^rudderlabs/i.test(c.req.header("user-agent") ?? "") ? "rudderstack" : "standard";
}

/** Our own trouble, with the status under which this sender tries again. */
class OwnTrouble extends ServiceError {
  override name = "OwnTrouble";
  private readonly answeredAs: number;

  constructor(trouble: ServiceError, answeredAs: number) {
    super(trouble.code, trouble.message, {
      cause: trouble.cause ?? trouble,
      retryAfterSeconds: trouble.retryAfterSeconds ?? RETRY_AFTER_SECONDS,
    });
    this.answeredAs = answeredAs;
  }

  override get status(): number {
    return this.answeredAs;
  }
}

/**
 * Anything thrown while a sender is served. What the sender did wrong stays as it is. Our own
 * trouble is 503, and 429 for RudderStack: it drops other 4xx at once and a 5xx after three hours,
 * a 429 it repeats for weeks.
 */
export function asSenderError(thrown: unknown, profile: SenderProfile): ServiceError {
  const error = toServiceError(thrown);
  if (error.code === "RATE_LIMITED") return new OwnTrouble(error, 429);
  if (error.status < 500) return error;
  return new OwnTrouble(error, profile === "rudderstack" ? 429 : 503);
}
