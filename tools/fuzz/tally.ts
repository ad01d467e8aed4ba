import type { IngestResponse } from "@signalpath/contracts";

import type { Answer } from "./answer.ts";

/** Answers counted. */
export interface Tally {
  bodies: number;
  byStatus: Map<number, number>;
  /** Codes of refused requests; of single items of ingest their code, else their verdict. */
  byCode: Map<string, number>;
  /** Requests that threw instead of being answered. */
  unanswered: number;
}

export function emptyTally(): Tally {
  return { bodies: 0, byStatus: new Map(), byCode: new Map(), unanswered: 0 };
}

export function addAnswer(tally: Tally, answer: Answer | undefined): void {
  tally.bodies++;
  if (answer === undefined) {
    tally.unanswered++;
    return;
  }
  add(tally.byStatus, answer.status);
  const { code, results } = (answer.json ?? {}) as { code?: string } & Partial<IngestResponse>;
  if (answer.status >= 400) add(tally.byCode, code ?? "-");
  for (const result of Array.isArray(results) ? results : []) {
    add(tally.byCode, result.code ?? result.verdict);
  }
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
