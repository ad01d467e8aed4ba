export * from "./common.ts";
export * from "./content.ts";
export * from "./dead-letters.ts";
export * from "./features.ts";
export * from "./ingest.ts";
export * from "./management.ts";
export * from "./recommend.ts";
export * from "./user-model.ts";
