import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * Starts the worker thread of this package. In a bundle it is a file of its own beside the main one
 * (tools/build-app.mjs writes it). From source, threads know no TypeScript of themselves and tsx does
 * not reach into them (Node 20), so a first line registers it.
 */
export function openWorker(): Worker {
  if (!import.meta.url.endsWith(".ts")) {
    return new Worker(new URL("./models.worker.mjs", import.meta.url));
  }
  const esm = createRequire(import.meta.url).resolve("tsx/esm");
  const api = new URL("./api/index.mjs", pathToFileURL(esm)).href;
  const entry = new URL("./models.worker.ts", import.meta.url).href;
  return new Worker(
    `import(${JSON.stringify(api)})
      .then(({ register }) => { register(); return import(${JSON.stringify(entry)}); });`,
    { eval: true, execArgv: [] },
  );
}
