import { runCli } from "./app.ts";
import { processIo } from "./io.ts";

const stop = new AbortController();
// The first Ctrl-C ends cleanly, the second at once.
process.once("SIGINT", () => stop.abort());

process.exitCode = await runCli(process.argv.slice(2), processIo(process.env, stop.signal));
