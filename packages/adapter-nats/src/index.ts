export { createNatsBus, type NatsBusOptions } from "./bus.ts";
export { openNats, type NatsConnection, type OpenNatsOptions } from "./connection.ts";
export { describeServer, type ServerDescription } from "./describe-server.ts";
export { DEFAULT_MAX_BYTES, ensureStreams, missingStreams, type StreamOptions } from "./streams.ts";
