// pnpm simulate [--schedules N] [--seed S] [--from N] [--mutant NAME]: many schedules, the first
// failing one in its shortest form. Exit code 1 when one failed.
import { parseArgs } from "node:util";

import { findFault } from "./find.ts";
import { MUTANTS } from "./mutants.ts";
import { reportOf } from "./report.ts";

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Math.floor(performance.timeOrigin) % 1_000_000_007) },
    from: { type: "string", default: "0" },
    mutant: { type: "string" },
  },
});

function whole(name: "schedules" | "seed" | "from"): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${name} must be a whole number, not ${values[name]}`);
  process.exit(64);
}

const [schedules, seed, from] = [whole("schedules"), whole("seed"), whole("from")];
const mutation = MUTANTS.find(({ name }) => name === values.mutant);
if (values.mutant !== undefined && mutation === undefined) {
  console.error(`--mutant is one of:\n${MUTANTS.map(({ name }) => `  ${name}`).join("\n")}`);
  process.exit(64);
}

const startedAt = performance.now();
const ran = (count: number) => {
  const seconds = (performance.now() - startedAt) / 1_000;
  return `${count} schedules in ${seconds.toFixed(1)} s (${(count / seconds).toFixed(0)}/s)`;
};
console.log(`seed ${seed}, schedules ${from} to ${from + schedules - 1}`);
const found = await findFault(seed, {
  from,
  to: from + schedules,
  ...(mutation === undefined ? {} : { mutation }),
});
if (found === undefined) console.log(`nothing wrong: ${ran(schedules)}`);
else {
  console.log(`schedule ${found.n} is wrong: ${ran(found.n - from + 1)}`);
  console.log(`again: pnpm simulate --seed ${seed} --from ${found.n} --schedules 1`);
  console.log(await reportOf(found.steps, found.verdict, mutation));
  process.exitCode = 1;
}
