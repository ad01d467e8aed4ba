import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * Starts a worker thread from a file `<name>.worker` beside the module at `base` (its
 * `import.meta.url`). In a bundle it is `.mjs` beside the main file (tools/build-app.mjs writes it).
 * From source, threads know no TypeScript of themselves and tsx does not reach into them (Node 20), so
 * a first line registers it.
 */
export function openWorker(name: string, base: string): Worker {
  if (!base.endsWith(".ts")) return new Worker(new URL(`./${name}.worker.mjs`, base));
  const esm = createRequire(base).resolve("tsx/esm");
  const api = new URL("./api/index.mjs", pathToFileURL(esm)).href;
  const entry = new URL(`./${name}.worker.ts`, base).href;
  return new Worker(
    `import(${JSON.stringify(api)})
      .then(({ register }) => { register(); return import(${JSON.stringify(entry)}); });`,
    { eval: true, execArgv: [] },
  );
}
