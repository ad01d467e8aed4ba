import { spawn } from "node:child_process";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Where a test run keeps its bundles; absent = programs run from source. */
export const BUNDLES = "SIGNALPATH_BUNDLES";
const POLL_MS = 50;

/**
 * Arguments of `node` that run `apps/<name>`: from source, or in a test run from a bundle as it is
 * shipped, which starts in a fraction of the time.
 */
export async function programOf(name: string): Promise<string[]> {
  const folder = process.env[BUNDLES];
  if (folder === undefined) return ["--import", "tsx", `apps/${name}/src/main.ts`];
  // Flags as the image has them.
  const flags = ["--enable-source-maps", "--disable-proto=delete", "--v8-pool-size=1"];
  return [...flags, join(await bundleOf(name, folder), "main.mjs")];
}

/**
 * The bundle of an app, made by whoever asks first: test files run beside each other and share
 * nothing but this folder.
 * @throws Error with what the bundler said, for everybody who asks.
 */
async function bundleOf(name: string, folder: string): Promise<string> {
  const bundle = join(folder, name);
  const failure = `${bundle}.failed`;
  if (await isFirst(`${bundle}.lock`)) {
    const said = await build(name, `${bundle}.making`).catch(String);
    // Renamed when whole: the others look for the names alone.
    if (said !== "") await writeFile(`${failure}.making`, said);
    await (said === "" ? rename(`${bundle}.making`, bundle) : rename(`${failure}.making`, failure));
  }
  for (;;) {
    if (await exists(bundle)) return bundle;
    if (await exists(failure))
      throw new Error(`no bundle of ${name}: ${await readFile(failure, "utf8")}`);
    await sleep(POLL_MS);
  }
}

/** @returns what the bundler complained of. */
function build(name: string, into: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, "tools/build-app.mjs"), into], {
      cwd: join(root, "apps", name),
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => void (said += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve(code === 0 ? said : `${said}\nended with ${code}`));
  });
}

const isFirst = (lock: string): Promise<boolean> =>
  mkdir(lock).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
