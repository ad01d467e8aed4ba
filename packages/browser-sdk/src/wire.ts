/** Names on the wire, spelled here because the client imports nothing; contracts has the same. */
export const API_KEY_HEADER = "x-api-key";
export const RETRY_AFTER_HEADER = "retry-after";
