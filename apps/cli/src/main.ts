import { runCli } from "./app.ts";
import { processIo } from "./io.ts";

const stop = new AbortController();
// The first Ctrl-C (or request to end) ends cleanly, the second at once.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
// Whoever reads may have seen enough (`| head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2), processIo(process.env, stop.signal));
