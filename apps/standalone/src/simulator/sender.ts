import {
  contentPage,
  headers,
  ingestResponse,
  recommendResponse,
  type RecommendResponse,
} from "@signalpath/contracts";

import type { ContentItem } from "@signalpath/domain";

import type { Act } from "./behave.ts";
import type { Visitor } from "./visitors.ts";

/** The service is busy or away; come back after a pause. */
export class BusyError extends Error {
  override name = "BusyError";
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface SenderDeps {
  url: string;
  writeKey: string;
  apiKey: string;
  fetch: typeof fetch;
  now: () => number;
  newId: () => string;
}

/** The visitors' way to the service: the same HTTP calls any client makes. */
export interface Sender {
  /** @returns how many were accepted. @throws BusyError. */
  send(visitor: Visitor, acts: readonly Act[]): Promise<number>;
  recommend(visitor: Visitor, limit: number): Promise<RecommendResponse>;
  /** Items of the catalogue, at most 500: what a person finds without a recommendation. */
  browse(): Promise<ContentItem[]>;
}

const DEFAULT_RETRY_MS = 1_000;
/** A call that takes longer counts as failed, milliseconds. */
const CALL_MS = 10_000;

/** One call of the service: JSON in, JSON out. @throws BusyError for everything but success. */
export type Call = (path: string, init: RequestInit) => Promise<unknown>;

export function createCall(deps: Pick<SenderDeps, "url" | "fetch">): Call {
  return async (path, init) => {
    let response: Response;
    try {
      response = await deps.fetch(deps.url + path, {
        ...init,
        signal: AbortSignal.timeout(CALL_MS),
      });
    } catch (error) {
      throw new BusyError(`no answer: ${String(error)}`, DEFAULT_RETRY_MS);
    }
    if (response.ok) return response.json();
    await response.body?.cancel();
    const seconds = Number(response.headers.get(headers.retryAfter));
    const pause = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : DEFAULT_RETRY_MS;
    throw new BusyError(`${path} answered ${response.status}`, pause);
  };
}

export function createSender(deps: SenderDeps): Sender {
  const call = createCall(deps);
  return {
    async send(visitor, acts) {
      const body = JSON.stringify(acts.map((act) => bodyOf(deps, visitor, act)));
      const answer = await call("/api/ingest", {
        method: "POST",
        body,
        headers: { [headers.writeKey]: deps.writeKey, "content-type": "application/json" },
      });
      return ingestResponse.parse(answer).accepted;
    },
    async browse() {
      const auth = { [headers.apiKey]: deps.apiKey };
      return contentPage.parse(await call("/api/content?limit=500", { headers: auth })).items;
    },
    async recommend(visitor, limit) {
      const query = new URLSearchParams({ user_id: visitor.userId, limit: String(limit) });
      query.set("include_content", "true");
      const auth = { [headers.apiKey]: deps.apiKey };
      return recommendResponse.parse(
        await call(`/api/recommend?${query.toString()}`, { headers: auth }),
      );
    },
  };
}

/** What RudderStack's webhook destination would deliver. */
export function bodyOf(
  deps: Pick<SenderDeps, "now" | "newId">,
  visitor: Visitor,
  act: Act,
): Record<string, unknown> {
  const at = new Date(deps.now() - act.agoMs).toISOString();
  const { agoMs: _, traits, ...rest } = act;
  return {
    ...rest,
    messageId: deps.newId(),
    userId: visitor.userId,
    anonymousId: visitor.anonymousId,
    channel: "web",
    originalTimestamp: at,
    sentAt: new Date(deps.now()).toISOString(),
    timestamp: at,
    context: {
      library: { name: "signalpath-simulator" },
      ...(traits === undefined ? {} : { traits }),
    },
  };
}
