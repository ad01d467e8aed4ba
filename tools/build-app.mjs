// Bundles one app into dist/: `node ../../tools/build-app.mjs [folder]` in the app's folder.
// Beside the bundle: what cannot be inside it (PGlite's WebAssembly, migrations, the page of /docs, the
// files of the console).
import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Another folder than dist/ may be named, absolute or from the app's folder.
const out = resolve(process.argv[2] ?? "dist");

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: true,
  legalComments: "linked",
  // The client of the demo page is built below, not when it is asked for.
  external: ["@electric-sql/pglite", "pg-native", "@signalpath/browser-sdk/build"],
  // CommonJS dependencies call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
};
const { metafile } = await build({
  ...shared,
  entryPoints: ["src/main.ts"],
  outfile: join(out, "main.mjs"),
  metafile: true,
});

// Worker threads are files of their own: `x.worker.ts` beside a source of the bundle becomes
// `x.worker.mjs` beside the bundle, where `new URL("./x.worker.mjs", import.meta.url)` finds it.
const sources = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs ?? {}));
for (const folder of new Set(sources.map((source) => dirname(resolve(source))))) {
  if (folder.includes("node_modules")) continue;
  for (const file of await readdir(folder)) {
    if (!file.endsWith(".worker.ts")) continue;
    const outfile = join(out, file.replace(/\.ts$/, ".mjs"));
    await build({ ...shared, entryPoints: [join(folder, file)], outfile });
  }
}

if (sources.some((source) => source.endsWith("/demo-page.ts") || source === "src/demo-page.ts")) {
  const demo = join(root, "packages/browser-sdk/demo");
  const outfile = join(out, "demo/demo.js");
  const browser = {
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
  };
  await build({ ...browser, entryPoints: [join(demo, "main.ts")], outfile });
  for (const file of ["index.html", "demo.css"])
    await cp(join(demo, file), join(out, "demo", file));
}

const packageFolder = (name, from) => {
  const require = createRequire(join(root, from, "package.json"));
  const entry = require.resolve(name);
  return entry.slice(0, entry.lastIndexOf(`/${name}/`) + name.length + 1);
};
const swagger = packageFolder("swagger-ui-dist", "packages/service-kit");
for (const file of ["swagger-ui-bundle.js", "swagger-ui.css"]) {
  await cp(join(swagger, file), join(out, "docs", file), { recursive: true });
}
await cp(join(root, "packages/adapter-postgres/migrations"), join(out, "migrations"), {
  recursive: true,
});
await cp(
  packageFolder("@electric-sql/pglite", "packages/adapter-postgres"),
  join(out, "node_modules/@electric-sql/pglite"),
  { recursive: true, dereference: true },
);

// Who serves the console carries its files in web/, where its server looks for them.
const room = join(root, "apps/console");
if (sources.some((source) => resolve(source) === join(room, "src/server/bundle.ts"))) {
  const vite = createRequire(join(room, "package.json")).resolve("vite/package.json");
  const args = ["build", "--outDir", join(out, "web"), "--emptyOutDir", "--logLevel", "warn"];
  execFileSync(process.execPath, [join(dirname(vite), "bin/vite.js"), ...args], {
    cwd: room,
    stdio: "inherit",
    env: { NODE_ENV: "production" },
  });
}
