import {
  deadLettersPage,
  deadLettersQuery,
  ingestRequest,
  ingestResponse,
  replayRequest,
  replayResponse,
  type Endpoint,
} from "@signalpath/contracts";

const INGEST = "/api/ingest";
const DEAD_LETTERS = "/api/dead-letters";
const OWN_TROUBLE = [429, 503];

export const PATHS = {
  ingest: INGEST,
  /** The path and all below it: senders hang tenants and the like on it; all mean the same. */
  ingestAndBelow: `${INGEST}/*`,
  deadLetters: DEAD_LETTERS,
  replay: `${DEAD_LETTERS}/replay`,
} as const;

/** Methods that carry a body; the others lose what the event said. */
export const INGEST_METHODS = ["POST", "PUT", "PATCH"] as const;

export const ENDPOINTS: readonly Endpoint[] = [
  ...INGEST_METHODS.map((method): Endpoint => ({
    method: method.toLowerCase() as "post" | "put" | "patch",
    path: PATHS.ingest,
    summary: "Take user events: one, an array, or {batch: [...]}; a verdict for each",
    tag: "ingest",
    auth: "write_key",
    body: ingestRequest,
    response: ingestResponse,
    errors: [400, 405, 413, 415, ...OWN_TROUBLE],
  })),
  {
    method: "get",
    path: PATHS.deadLetters,
    summary: "Events that were put aside, newest first, without personal data",
    tag: "dead letters",
    auth: "read",
    anyProject: true,
    query: deadLettersQuery,
    response: deadLettersPage,
    errors: [422, 503],
  },
  {
    method: "post",
    path: PATHS.replay,
    summary: "Judge dead letters again and publish what is now good",
    tag: "dead letters",
    auth: "write",
    anyProject: true,
    body: replayRequest,
    response: replayResponse,
    errors: [400, 413, 415, 422, 503],
  },
];
