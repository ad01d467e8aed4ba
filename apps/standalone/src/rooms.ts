/** What a start needs once the database is open, as one module to load behind its back. */
export { createConsole, openBundle } from "@signalpath/console/app";
export { createLiveEmbeddings } from "@signalpath/embeddings";
export { createApps, START_ORDER } from "./apps.ts";
export { startDemo } from "./demo.ts";
export { createEdge } from "./edge.ts";
export { trainDemo } from "./train-demo.ts";
export { trainDemoEmbedding } from "./train-demo-embedding.ts";
