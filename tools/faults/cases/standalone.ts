import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import { openPglite, createPostgresArchiveReader } from "@signalpath/adapter-postgres";
import { startStandalone, type StandaloneProcess } from "@signalpath/stack/standalone-process.ts";

import { send, until } from "../../bench/http.ts";
import { shownPart } from "../../e2e/oracle.ts";
import { expectedModels, judge, type Remains, type Verdict } from "../oracle.ts";
import { createPeople } from "../people.ts";
import { between } from "../random.ts";
import { startSender } from "../sender.ts";
import { readRemains } from "../stores.ts";
import type { Row } from "../under-load.ts";
import { ITEMS } from "../world.ts";

const PEOPLE = 25;
const CATCH_UP_MS = 60_000;

/** The one process killed while it starts and while it commits, in turns; then the same oracle. */
export async function killStandalone(options: {
  seed: number;
  random: () => number;
  kills: number;
}): Promise<Row> {
  const { seed, random, kills } = options;
  const name = "kill-standalone";
  const tag = `${name}${seed}`;
  const standalone = await startStandalone({ demo: false });
  const violations: string[] = [];
  try {
    const catalogue = { items: ITEMS };
    const auth = { "x-api-key": standalone.keys.api };
    await send("PUT", `${standalone.url}/api/content`, auth, catalogue);
    const sender = startSender({
      urls: [standalone.url],
      key: standalone.keys.write,
      next: createPeople(tag, PEOPLE, ITEMS.length, random),
      rate: 120,
      random,
    });
    try {
      for (let n = 0; n < kills; n++) await killOnce(standalone, n, random);
      await sleep(1_000);
    } finally {
      await sender.finish(60_000);
    }
    const calm = performance.now();
    await standalone.kill("SIGTERM");
    const { remains, verdict } = await inspect(standalone, tag, sender.ledger);
    await standalone.start();
    const wrong = await wrongModels(standalone, tag, remains);
    violations.push(...sender.complaints.slice(0, 3));
    for (const [what, ids] of Object.entries({ ...verdict, wrong })) {
      const all = String(ids);
      if (all !== "" && all !== "0") violations.push(`${what}: ${all}`);
    }
    return {
      name,
      seed,
      events: sender.ledger.entries.size,
      accepted: sender.ledger.count("accepted"),
      unknown: sender.ledger.count("unknown"),
      lost: verdict.lost.length,
      twice: verdict.countedWrong,
      modelsWrong: wrong.length,
      people: expectedModels(tag, remains.archived, ITEMS).size,
      outageS: sender.ledger.outageSeconds(),
      catchUpS: (performance.now() - calm) / 1_000,
      redeliveredPercent: undefined,
      notes: [`${kills} kills`],
      violations,
    };
  } finally {
    await standalone.stop();
  }
}

/** Even turns end it in the middle of its start, odd ones while it takes events. */
async function killOnce(
  standalone: StandaloneProcess,
  n: number,
  random: () => number,
): Promise<void> {
  await sleep(between(random, 300, 1_500));
  await standalone.kill("SIGKILL");
  if (n % 2 === 0) {
    const started = standalone.start().catch(() => undefined); // It is not meant to get there.
    await sleep(between(random, 100, 3_000));
    await standalone.kill("SIGKILL");
    await started;
  }
  await standalone.start();
}

async function inspect(
  { dataDir }: StandaloneProcess,
  tag: string,
  ledger: Parameters<typeof judge>[1],
): Promise<{ remains: Remains; verdict: Verdict }> {
  const database = await openPglite(`${dataDir}/db`);
  try {
    const remains = await readRemains(database.db, createPostgresArchiveReader(database.db));
    return { remains, verdict: judge(tag, ledger, remains) };
  } finally {
    await database.close();
  }
}

/** People whose model, as the API shows it, does not become that of the archived set. */
async function wrongModels(
  { url, keys }: StandaloneProcess,
  tag: string,
  { archived }: Remains,
): Promise<string[]> {
  const wrong: string[] = [];
  const deadline = performance.now() + CATCH_UP_MS;
  for (const { text, person } of expectedModels(tag, archived, ITEMS).values()) {
    const wanted = JSON.parse(JSON.stringify(shownPart(JSON.parse(text) as object))) as object;
    const ask = `${url}/api/usermodel?user_id=${encodeURIComponent(person)}`;
    // A restart keeps no models: the first list asked for brings a person's back.
    const touch = `${url}/api/recommend?user_id=${encodeURIComponent(person)}`;
    await send("GET", touch, { "x-api-key": keys.api });
    const right = until(
      async () => {
        const response = await fetch(ask, { headers: { "x-api-key": keys.api } });
        if (response.status !== 200) return undefined;
        const shown = shownPart((await response.json()) as object);
        return isDeepStrictEqual(shown, wanted) ? true : undefined;
      },
      Math.max(0, deadline - performance.now()),
    );
    await right.catch(() => void wrong.push(person));
  }
  return wrong;
}
