export { DataDirLockedError } from "@signalpath/adapter-postgres";
export * from "./archive-bus/index.ts";
export * from "./migrate-servers.ts";
export * from "./open-embedded.ts";
export * from "./sample-catalogue/sample-catalogue.ts";
