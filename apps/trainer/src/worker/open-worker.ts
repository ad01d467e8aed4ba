import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts a training thread. In a bundle it is a file of its own beside the main one
 * (tools/build-app.mjs writes it). From source it is TypeScript, and on Node 20 a thread has to
 * register tsx for itself.
 */
export function openWorker(options: Pick<WorkerOptions, "workerData" | "resourceLimits">): Worker {
  if (!import.meta.url.endsWith(".ts")) {
    return new Worker(new URL("./training.worker.mjs", import.meta.url), options);
  }
  const esm = createRequire(import.meta.url).resolve("tsx/esm");
  const api = new URL("./api/index.mjs", pathToFileURL(esm)).href;
  const entry = new URL("./training.worker.ts", import.meta.url).href;
  const code = `import(${JSON.stringify(api)}).then((tsx) => {
    tsx.register();
    return import(${JSON.stringify(entry)});
  });`;
  return new Worker(code, { ...options, eval: true, execArgv: [] });
}
