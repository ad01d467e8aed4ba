/** The only place a header name is spelled. HTTP names are lower case, as Node and Hono read them. */
export const headers = {
  requestId: "x-request-id",
  writeKey: "x-write-key",
  apiKey: "x-api-key",
  retryAfter: "retry-after",
  rateLimit: "ratelimit",
  rateLimitPolicy: "ratelimit-policy",
  /** Version of the model that a prediction is from. */
  modelVersion: "x-model-version",
  /** A retried write of one key changes nothing and answers what the first one did. */
  idempotencyKey: "idempotency-key",
  /** Where a stream of server-sent events is to go on. */
  lastEventId: "last-event-id",
  /** W3C trace context: of HTTP requests and of messages alike. */
  traceparent: "traceparent",
  tracestate: "tracestate",
  /** `false`: stored, but indexes see it only at their next reading (60 s at most). */
  announced: "x-change-announced",
  /** JetStream deduplicates publishes by this one. */
  messageId: "Nats-Msg-Id",
} as const;

/** A caller's request id is kept when it looks like this; otherwise one is minted. */
export const REQUEST_ID_PATTERN = /^[A-Za-z0-9_-]{8,64}$/;
