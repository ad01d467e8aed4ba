import { runCli } from "./app.ts";
import { processIo } from "./io.ts";

const stop = new AbortController();
// The first Ctrl-C (or request to end) ends cleanly, the second at once.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());

process.exitCode = await runCli(process.argv.slice(2), processIo(process.env, stop.signal));
