import { mkdir, rename, rm, rmdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";

/** Plain JavaScript over a package that is never bundled: nothing has to be compiled for it. */
const MAKER = `
  const { workerData } = require("node:worker_threads");
  const { PGlite } = require(workerData.pglite);
  const { dataDir, startParams } = workerData;
  PGlite.create({ dataDir, startParams }).then((made) => made.close());
`;

/**
 * Makes a new database directory. A thread of its own does it: that is a second of work without a
 * break, and its tools leave 400 MB in memory, which go with the thread. It gets its name when it is
 * whole, so a process that ends meanwhile leaves no half of one. The caller holds the lock.
 *
 * @param startParams what the embedded Postgres is started with.
 * @throws what the making threw; ENOTEMPTY when `dataDir` is there and holds something else.
 */
export async function makeDataDir(dataDir: string, startParams: readonly string[]): Promise<void> {
  // A folder that holds something is refused before any work.
  await mkdir(dataDir, { recursive: true });
  await rmdir(dataDir);
  const draft = `${dataDir}.draft`;
  await rm(draft, { recursive: true, force: true });
  const pglite = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const worker = new Worker(MAKER, {
    eval: true,
    execArgv: [],
    workerData: { pglite, dataDir: draft, startParams },
  });
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`making ${dataDir} ended with ${code}`));
    });
  });
  await rename(draft, dataDir);
}
