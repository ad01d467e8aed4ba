import { JetStreamApiError } from "@nats-io/jetstream";

/** Error codes of the JetStream API that mean something to the bus. */
export const API_CODE = {
  consumerNotFound: 10014,
  messageTooLarge: 10054,
  streamNotFound: 10059,
  /** Maximum bytes or messages of a stream that discards new. */
  streamFull: 10077,
} as const;

/** Code of an error that the JetStream API answered, undefined for any other error. */
export function apiCode(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}
