/** Milliseconds since 1970, UTC. */
export type Clock = () => number;
/** A new unique id (UUID v4 text). */
export type NewId = () => string;
