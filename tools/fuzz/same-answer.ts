import type { IngestResponse } from "@signalpath/contracts";

import type { Answer } from "./answer.ts";
import type { FuzzCase } from "./case.ts";

/** Fields that tell of the request or of the moment, not of the input. */
const VOLATILE: ReadonlySet<string> = new Set(["request_id", "model_age_ms", "replays"]);

/**
 * What two answers to one request have in common. Lists are ranked by counters that are read anew by
 * the clock of the machine: of those only the status.
 */
export function comparableOf(one: FuzzCase, answer: Answer): string {
  const isList = one.path.startsWith("/api/recommend") && answer.status === 200;
  return isList ? String(answer.status) : comparable(answer);
}

/** An answer as text without what may differ between two equal requests. */
function comparable({ status, text, json }: Answer): string {
  if (json === undefined) return `${status} ${text}`;
  const stable = JSON.stringify(json, (key, value: unknown) =>
    VOLATILE.has(key) ? undefined : value,
  );
  return `${status} ${stable}`;
}

/** What is wrong with the answer to a request that was sent a second time. */
export function flawsOfRepetition(one: FuzzCase, first: Answer, again: Answer): string[] {
  if (first.status !== again.status) return [`sent again: ${again.status} after ${first.status}`];
  if (first.status !== 200) {
    return comparable(first) === comparable(again) ? [] : ["sent again: another refusal"];
  }
  if (one.door === "ingest") return flawsOfSecondIngest(first, again);
  // What changes the state says so: the item is there by now, the letter gone.
  if (one.method === "GET" || one.door === "erase") {
    return comparableOf(one, first) === comparableOf(one, again)
      ? []
      : ["sent again: another answer"];
  }
  if (one.method === "PUT") {
    const { upserted } = again.json as { upserted: number };
    return upserted === 0 ? [] : [`sent again: ${upserted} items were new again`];
  }
  return [];
}

/** What was stored is a duplicate now, everything else is judged as it was. */
function flawsOfSecondIngest(first: Answer, again: Answer): string[] {
  const [before, after] = [first.json as IngestResponse, again.json as IngestResponse];
  const expected = before.results.map(({ verdict, ...rest }) => ({
    ...rest,
    verdict: verdict === "accepted" ? "duplicate" : verdict,
  }));
  const judged = after.results.map((result) => JSON.stringify(sorted(result)));
  const at = expected.findIndex(
    (result, index) => JSON.stringify(sorted(result)) !== judged[index],
  );
  if (at < 0) return [];
  return [`sent again: item ${at} is ${judged[at]}, not ${JSON.stringify(expected[at])}`];
}

function sorted(result: object): object {
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));
}
