export * from "./bus/envelope.ts";
export * from "./bus/subjects.ts";
export * from "./errors.ts";
export * from "./headers.ts";
export * from "./http/index.ts";
export * from "./limits.ts";
export * from "./openapi.ts";
