import { STREAMS, type StreamName } from "@signalpath/contracts";

import { RefusedError } from "../errors.ts";

/**
 * True when the subject, or every subject of a narrower filter, is matched: `*` stands for one
 * token, `>` at the end for one or more.
 */
export function subjectMatches(filter: string, subject: string): boolean {
  const want = filter.split(".");
  const have = subject.split(".");
  for (const [i, token] of want.entries()) {
    const other = have[i];
    if (other === undefined) return false;
    if (token === ">") return i === want.length - 1;
    if (other === ">" || (token !== "*" && token !== other)) return false;
  }
  return want.length === have.length;
}

/** The stream that stores a subject, or all that a filter matches. Throws RefusedError: none. */
export function streamOf(subjectOrFilter: string): StreamName {
  const found = findStream(subjectOrFilter);
  if (found !== undefined) return found;
  throw new RefusedError(`no stream holds ${JSON.stringify(subjectOrFilter)}`);
}

/** True when a stream would store what is published under that name. */
export function isStored(subject: string): boolean {
  return findStream(subject) !== undefined;
}

function findStream(subjectOrFilter: string): StreamName | undefined {
  for (const [name, stream] of Object.entries(STREAMS)) {
    const covers = stream.subjects.some((pattern) => subjectMatches(pattern, subjectOrFilter));
    if (covers) return name as StreamName;
  }
  return undefined;
}
