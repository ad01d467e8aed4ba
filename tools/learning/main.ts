import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createRandom } from "@signalpath/models";

import { drawRegret } from "./draw-regret.ts";
import { simulateLearning } from "./simulate.ts";

// `pnpm learning [lists] [seed]`: the figures of docs/guides/learning.md and its plot.
const [lists = "4000", seed = "1"] = process.argv.slice(2);
const startedAt = performance.now();
const report = simulateLearning(Number(lists), createRandom(Number(seed), "learning"));
const folder = join(import.meta.dirname, "../../docs/images");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "learning-regret.svg"), drawRegret(report.curve));
const last = report.curve.at(-1);
const { value, low, high, truth } = report.staticEstimate;
const rows = [
  ["cumulative regret", last?.static.toFixed(0), last?.bandit.toFixed(0)],
  ["regret a list, last quarter", report.late.static.toFixed(3), report.late.bandit.toFixed(3)],
];
console.log(`lists ${lists}, seed ${seed}, learner ${report.status}`);
console.log("| | static | bandit |\n|---|---|---|");
for (const row of rows) console.log(`| ${row.join(" | ")} |`);
console.log(`explored places: ${(100 * report.exploredShare).toFixed(2)} %`);
console.log(
  `static ranking in explored places, doubly robust from ${report.slots.length} slots: ` +
    `${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}], true ${truth.toFixed(4)}`,
);
const { staticMs, banditMs, loggedBytes } = report.cost;
console.log(
  `a list from a scored pool: static ${staticMs.toFixed(2)} ms, bandit ${banditMs.toFixed(2)} ms; ` +
    `logged ${loggedBytes.toFixed(0)} bytes`,
);
console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
