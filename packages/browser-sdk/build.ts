import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, type BuildOptions } from "esbuild";

const room = dirname(fileURLToPath(import.meta.url));
const SHARED = {
  absWorkingDir: room,
  bundle: true,
  minify: true,
  write: false,
  platform: "browser",
  target: ["es2022", "safari16"],
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

/** A file ready to be served or written. */
export interface BuiltFile {
  name: string;
  text: string;
}

/** The client as an ES module and as a script that sets `Signalpath`. */
export async function buildSdk(): Promise<BuiltFile[]> {
  const entryPoints = [join(room, "src/index.ts")];
  return [
    await one("signalpath.js", { entryPoints, format: "esm" }),
    await one("signalpath.iife.js", { entryPoints, format: "iife", globalName: "Signalpath" }),
  ];
}

/** Script of the demo page, the client inside. */
export async function buildDemo(): Promise<BuiltFile> {
  return one("demo.js", { entryPoints: [join(room, "demo/main.ts")], format: "esm" });
}

async function one(name: string, options: BuildOptions): Promise<BuiltFile> {
  const { outputFiles } = await build({ ...SHARED, ...options, write: false });
  return { name, text: outputFiles[0]?.text ?? "" };
}
