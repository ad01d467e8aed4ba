export { createArchiveBus, type ArchiveBusOptions } from "./archive-bus.ts";
