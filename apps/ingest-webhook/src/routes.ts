import {
  deadLettersQuery,
  replayRequest,
  ServiceError,
  type IngestResponse,
} from "@signalpath/contracts";
import type { KeyRecord, Projects } from "@signalpath/ports";
import {
  BrokenEncodingError,
  createScopedProject,
  createSemaphore,
  parseBody,
  parseQuery,
  readBody,
  requireKey,
  type Authenticator,
  type KitContext,
  type KitHono,
  type Semaphore,
} from "@signalpath/service-kit";

import type { Work } from "./deps.ts";
import { INGEST_METHODS, PATHS } from "./endpoints.ts";
import { ingest, putPackedAside } from "./ingest.ts";
import { listDeadLetters } from "./list-dead-letters.ts";
import { replayDeadLetters } from "./replay-dead-letters.ts";
import { asSenderError, authenticateSender, profileOf } from "./sender.ts";

/** A body of at most this many declared bytes is small. */
const SMALL_BYTES = 256 * 1024;

/** Binds the verbs to their paths. */
export function bindRoutes(
  http: KitHono,
  work: Work,
  { authenticator, projects }: { authenticator: Authenticator; projects: Pick<Projects, "get"> },
): void {
  const scopedProject = createScopedProject(authenticator, projects);
  const gate = createGate(work);
  const take = async (c: KitContext): Promise<Response> => {
    if (!(INGEST_METHODS as readonly string[]).includes(c.req.method)) {
      c.header("allow", INGEST_METHODS.join(", "));
      throw new ServiceError("METHOD_NOT_ALLOWED", "events travel in a body: POST, PUT or PATCH");
    }
    let key: KeyRecord | undefined;
    try {
      key = await authenticateSender(c, authenticator);
      const answer = await takeBody(c, work, gate, key);
      Object.assign(c.get("logFields"), countsOf(answer), { project_id: key.projectId });
      return c.json(answer);
    } catch (error) {
      const answered = asSenderError(error, profileOf(c, key));
      if (answered.status === 429) {
        // The kit logs 5xx; to RudderStack the same trouble is a 429 and must not pass unseen.
        const why = { request_id: c.get("requestId"), code: answered.code, err: answered.cause };
        work.kit.logger.warn(why, answered.message);
      }
      throw answered;
    }
  };
  http.all(PATHS.ingestAndBelow, take);
  http.get(PATHS.deadLetters, async (c) => {
    const projectId = await scopedProject(c, "read");
    const query = parseQuery(c, deadLettersQuery);
    if (query.whole) {
      const { id: key_id } = await requireKey(c, authenticator, "admin");
      const about = { project_id: projectId, key_id, request_id: c.get("requestId") };
      work.kit.logger.info(about, "dead letters were read with personal data");
    }
    return c.json(await listDeadLetters(work, projectId, query));
  });
  http.post(PATHS.replay, async (c) => {
    const projectId = await scopedProject(c, "write");
    const { ids, code, dry_run } = await parseBody(c, replayRequest);
    const traceHeaders = c.get("trace").headers;
    const wanted = { projectId, ids, code, dryRun: dry_run, traceHeaders };
    return c.json(await replayDeadLetters(work, wanted));
  });
}

async function takeBody(
  c: KitContext,
  work: Work,
  gate: Gate,
  key: KeyRecord,
): Promise<IngestResponse> {
  return gate(isLarge(c), async () => {
    const bytes = await readOrPutAside(c, work, key.projectId);
    const traceHeaders = c.get("trace").headers;
    return ingest(work, { projectId: key.projectId, source: key.source, bytes, traceHeaders });
  });
}

async function readOrPutAside(c: KitContext, work: Work, projectId: number): Promise<Buffer> {
  try {
    return await readBody(c);
  } catch (error) {
    if (error instanceof BrokenEncodingError) await putPackedAside(work, projectId, error);
    throw error;
  }
}

/** Everything but the results: ids stay out of the log. */
function countsOf(answer: IngestResponse): Record<string, unknown> {
  return Object.fromEntries(Object.entries(answer).filter(([name]) => name !== "results"));
}

/** A size that is not declared, or that unpacking will change, may be the largest allowed. */
function isLarge(c: KitContext): boolean {
  const length = c.req.header("content-length");
  if (length === undefined || c.req.header("content-encoding") !== undefined) return true;
  return !(Number(length) <= SMALL_BYTES);
}

type Gate = <T>(large: boolean, task: () => Promise<T>) => Promise<T>;

/**
 * Bounds memory: so many requests at one time, few large ones among them, and a queue with an end.
 * Large ones take their own permit first, so that while they wait they hold up nobody small.
 */
function createGate({ limits }: Pick<Work, "limits">): Gate {
  const all = createSemaphore(limits.maxInFlight, limits.maxWaiting);
  const large = createSemaphore(limits.maxLargeInFlight, limits.maxWaiting);
  return (isLarge, task) =>
    isLarge ? withPermit(large, () => withPermit(all, task)) : withPermit(all, task);
}

async function withPermit<T>(semaphore: Semaphore, task: () => Promise<T>): Promise<T> {
  if (!(await semaphore.acquire())) {
    throw new ServiceError("OVERLOADED", "too many requests are waiting", { retryAfterSeconds: 5 });
  }
  try {
    return await task();
  } finally {
    semaphore.release();
  }
}
