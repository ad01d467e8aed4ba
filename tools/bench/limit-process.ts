import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("limits.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Starts one of the bare servers of `limits.ts` as a process of its own. */
export async function startLimit(
  kind: "ingest" | "recommend" | "predict",
  env: Readonly<Record<string, string>>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn("node", ["--import", "tsx", script, kind], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("\n"))
        resolve((JSON.parse(output.split("\n")[0] ?? "") as { url: string }).url);
    });
    child.once("close", (code) => reject(new Error(`the limit ended with ${code}`)));
  });
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}
