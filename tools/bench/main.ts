// Measures on this machine, prints a table, writes docs/benchmarks.md. `--only ingest,recommend`
// measures a part and writes nothing.
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

import { BUNDLES } from "@signalpath/stack/programs.ts";
import { startStack, type AppName, type Stack } from "@signalpath/stack/stack.ts";
import { benchExperiments } from "./experiments.ts";
import { benchFreshness } from "./freshness.ts";
import { benchIngest } from "./ingest.ts";
import { benchLinalg } from "./linalg.ts";
import { benchLoad } from "./load-model.ts";
import { benchPredict } from "./predict.ts";
import { benchRecommend } from "./recommend.ts";
import { markdown, type Row } from "./table.ts";
import { benchTrain } from "./train.ts";

const REPORT = "docs/benchmarks.md";
const NOTES = "## Notes\n";

/** With apps beside it, or alone in this process. */
type Bench = { apps: AppName[]; run(stack: Stack): Promise<Row[]> } | { alone(): Promise<Row[]> };

const benches: Record<string, Bench> = {
  ingest: { apps: ["ingest-webhook"], run: benchIngest },
  freshness: { apps: ["ingest-webhook", "user-model-updater", "recommender"], run: benchFreshness },
  recommend: {
    apps: ["ingest-webhook", "user-model-updater", "recommender", "management-api"],
    run: benchRecommend,
  },
  experiments: { apps: ["experiments"], run: benchExperiments },
  predict: { apps: ["inference-gateway"], run: benchPredict },
  load: { alone: benchLoad },
  linalg: { alone: benchLinalg },
  train: { alone: benchTrain },
};

const only = process.argv.indexOf("--only");
const names = only < 0 ? Object.keys(benches) : (process.argv[only + 1] ?? "").split(",");
const rows: Row[] = [];
// Apps run as they ship: what runs sources adds to every function that is made.
const bundles = await mkdtemp(join(tmpdir(), "signalpath-bundles-"));
process.once("exit", () => rmSync(bundles, { recursive: true, force: true }));
process.env[BUNDLES] = bundles;
for (const name of names) {
  const bench = benches[name];
  if (bench === undefined) throw new Error(`no bench is called ${name}`);
  console.log(`measuring ${name}`);
  if ("alone" in bench) {
    rows.push(...(await bench.alone()));
    continue;
  }
  const media = await mkdtemp(join(tmpdir(), "signalpath-bench-"));
  const stack = await startStack(bench.apps, {
    LOG_LEVEL: "info",
    NODE_ENV: "development",
    MEDIA_ROOT: media,
    // Charged as any limit, and never reached.
    INFERENCE_RATE_LIMIT: "999999999/second",
  });
  try {
    rows.push(...(await bench.run(stack)));
  } finally {
    await stack.stop();
    await rm(media, { recursive: true, force: true });
  }
}
const table = markdown(rows);
console.log(table);
if (only < 0) {
  // What somebody wrote about the figures stays; whether it is still true is theirs to say.
  const before = await readFile(REPORT, "utf8");
  const notes = before.slice(before.indexOf(NOTES));
  const where = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  await writeFile(
    REPORT,
    [
      "# Benchmarks",
      "",
      `Written by \`pnpm bench\` on ${new Date().toISOString().slice(0, 10)}: ${where}.`,
      "Servers, apps, the limit and the load share these cores, so read the ratios: each figure stands beside a limit measured",
      "in the same run, in turns, the middle one of three runs. The load is wrk with one thread; paced load is evenly spaced, its latencies count from when a request was due.",
      "The limits are bare servers that do the least for the same answer: `tools/bench/limits.ts`. Apps run from the bundles that ship.",
      "",
      table,
      "",
      ...(before.includes(NOTES) ? [notes] : []),
    ].join("\n"),
  );
}
