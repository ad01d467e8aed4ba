/** Largest id that a row of a table can have. */
export const MAX_ROW_ID = 2 ** 31 - 1;
/** Ids longer than this count as absent, characters. */
export const MAX_ID_LENGTH = 200;
/** One normalised event on the bus, bytes of UTF-8. */
export const MAX_ENVELOPE_BYTES = 256 * 1024;
/** One event as sent, bytes. Alone it answers 413, in an array it is dead-lettered. */
export const MAX_EVENT_BYTES = 4_096_000;
/** One request, decompressed bytes. */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
/** Deepest nesting of one event. */
export const MAX_DEPTH = 40;
/** A dead letter's stored body, bytes. */
export const MAX_DEAD_LETTER_BYTES = 256 * 1024;
/** A dead letter on the bus, bytes. */
export const MAX_DEAD_LETTER_BUS_BYTES = 64 * 1024;
/** Dead letters kept a project. */
export const MAX_DEAD_LETTERS = 100_000;
/** Events older than this are `expired`; also the window of deduplication. Milliseconds (30 days). */
export const RETENTION_MS = 30 * 24 * 3_600_000;
