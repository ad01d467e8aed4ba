import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * Starts the checking thread. tools/build-app.mjs puts its entry beside a bundle's own file. From
 * source it is TypeScript, and on Node 20 a thread has to register tsx for itself.
 */
export function openCheckWorker(): Worker {
  if (!import.meta.url.endsWith(".ts")) {
    return new Worker(new URL("./model-check.worker.mjs", import.meta.url));
  }
  const esm = createRequire(import.meta.url).resolve("tsx/esm");
  const api = new URL("./api/index.mjs", pathToFileURL(esm)).href;
  const entry = new URL("./model-check.worker.ts", import.meta.url).href;
  const code = `import(${JSON.stringify(api)}).then((tsx) => {
    tsx.register();
    return import(${JSON.stringify(entry)});
  });`;
  return new Worker(code, { eval: true, execArgv: [] });
}
