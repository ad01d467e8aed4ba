// pnpm fuzz [--runs N] [--seed S] [--door NAME] [--case LINE] [--sql]: hostile requests to every
// door, the first one that breaks a promise in its smallest form. Exit code 1 when one was found.
import { parseArgs } from "node:util";

import { caseOf, DOORS, type DoorName } from "./case.ts";
import { checkCase, pairOf } from "./check-case.ts";
import { measure } from "./measure.ts";
import { codesOf, failureText, tableOf, type Figures } from "./report.ts";
import { createSqlWorlds } from "./sql-worlds.ts";
import { openWorld, type Target } from "./world.ts";

/** How the requests of a run over all doors are shared out. */
const SHARES: Readonly<Record<DoorName, number>> = {
  ingest: 0.4,
  recommend: 0.25,
  content: 0.2,
  "dead-letters": 0.075,
  erase: 0.075,
};

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "3000" },
    seed: { type: "string", default: String(Math.floor(performance.timeOrigin) % 1_000_000_007) },
    door: { type: "string" },
    case: { type: "string" },
    // Over embedded Postgres in a temporary directory instead of keepers in memory: far slower.
    sql: { type: "boolean", default: false },
  },
});

function whole(name: "runs" | "seed"): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${name} must be a whole number, not ${values[name]}`);
  process.exit(64);
}

async function again(line: string, open: () => Promise<Target>): Promise<void> {
  const pair = await pairOf(open);
  const one = caseOf(line);
  const { flaws, answer } = await checkCase(pair, one, true);
  console.log(`${one.method} ${one.path}: ${answer?.status} ${answer?.text.slice(0, 2_000)}`);
  for (const flaw of flaws) console.log(`- ${flaw}`);
  for (const world of pair.worlds) await world.close();
  process.exitCode = flaws.length > 0 ? 1 : 0;
}

async function run(doors: readonly DoorName[], open: () => Promise<Target>): Promise<void> {
  const [runs, seed] = [whole("runs"), whole("seed")];
  const all: Figures[] = [];
  const total = doors.reduce((sum, door) => sum + SHARES[door], 0);
  console.log(`seed ${seed}, ${runs} requests, each sent twice to each of two worlds`);
  for (const door of doors) {
    const { figures, failure } = await measure({
      door,
      runs: Math.round((runs * SHARES[door]) / total),
      seed,
      open,
    });
    all.push(figures);
    if (failure !== undefined) {
      console.log(`${door}: ${failureText(failure)}`);
      process.exitCode = 1;
    }
  }
  console.log(`${tableOf(all)}\n\n${codesOf(all)}`);
  if (all.some(({ crashes }) => crashes > 0)) process.exitCode = 1;
}

const chosen = DOORS.filter((door) => values.door === undefined || door === values.door);
if (chosen.length === 0) {
  console.error(`--door is one of ${DOORS.join(", ")}`);
  process.exit(64);
}
const worlds = values.sql ? await createSqlWorlds() : undefined;
const open = worlds?.open ?? (() => openWorld());
try {
  if (values.case !== undefined) await again(values.case, open);
  else await run(chosen, open);
} finally {
  await worlds?.remove();
}
