import { z } from "zod";

import { printFacts, printTable, type Io } from "../io.ts";
import type { Run } from "./follow-run.ts";

const pair = z.tuple([z.number(), z.number()]);
const difference = z.object({ mean: z.number(), interval: pair });
const rival = z.object({
  "ndcg@20": z.number(),
  difference,
  verdict: z.enum(["ahead", "even", "behind"]).optional(),
});
/** What the trainer puts beside the numbers of a run. */
const judged = z.object({
  evaluation: z
    .object({
      intervals: z.record(z.string(), pair).default({}),
      baselines: z.record(z.string(), rival).default({}),
    })
    .optional(),
  live: rival.extend({ version: z.int() }).optional(),
  gate: z.object({ serve: z.boolean(), reason: z.string() }).optional(),
});

const digits = (value: number) => value.toFixed(4);
const interval = ([low, high]: [number, number]) => `${digits(low)} .. ${digits(high)}`;

/** A completed run: what was measured on data it did not see, against what, and the gate's word. */
export function printRun(io: Io, run: Run): void {
  const parsed = judged.safeParse(run.metrics);
  const { evaluation, live, gate } = parsed.success ? parsed.data : {};
  printFacts(io, [
    ["training run", run.id],
    ["model", run.trained_model],
    ["version", run.version ?? "-"],
    ["rows", run.data_rows ?? "-"],
  ]);
  const numbers = Object.entries(run.metrics).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number" && entry[0].includes("@"),
  );
  if (numbers.length > 0) {
    printTable(
      io,
      ["metric", "value", "95 % interval"],
      numbers.map(([name, value]) => {
        const range = evaluation?.intervals[name];
        return [name, digits(value), range === undefined ? "-" : interval(range)];
      }),
    );
  }
  const rivals = Object.entries(evaluation?.baselines ?? {});
  if (live !== undefined) rivals.push([`version ${live.version} (serves)`, live]);
  if (rivals.length > 0) {
    printTable(
      io,
      ["against", "its ndcg@20", "difference", "95 % interval", "verdict"],
      rivals.map(([name, one]) => [
        name,
        digits(one["ndcg@20"]),
        digits(one.difference.mean),
        interval(one.difference.interval),
        one.verdict ?? "-",
      ]),
    );
  }
  if (gate === undefined) return;
  io.out(`gate: ${gate.serve ? "serves from now on" : "does not serve"} (${gate.reason})\n`);
  if (!gate.serve && run.version !== null) {
    io.err(`serve it: signalpath models promote ${run.trained_model} ${run.version}\n`);
  }
}
