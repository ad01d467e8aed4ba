import { headers } from "@signalpath/contracts/headers";
import createClient, { type Client, type FetchResponse } from "openapi-fetch";

import { ApiError } from "./api-error.ts";
import type { paths } from "./schema.generated.ts";

export type ApiClient = Client<paths>;

/**
 * Typed client of every public call; paths, queries and bodies are those of the OpenAPI document.
 * @param apiKey sent as a header with each call.
 */
export function createApiClient(apiKey: string): ApiClient {
  return createClient<paths>({ baseUrl: location.origin, headers: { [headers.apiKey]: apiKey } });
}

/**
 * Body of a successful answer: `await dataOf(api.GET("/api/content", { params: { query } }))`.
 * @throws ApiError for any other status, and when no answer came.
 */
export async function dataOf<
  R extends Record<string | number, unknown>,
  O,
  M extends `${string}/${string}`,
>(call: Promise<FetchResponse<R, O, M>>): Promise<NonNullable<FetchResponse<R, O, M>["data"]>> {
  const answer = await call.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, { detail: "no answer came", code: "UNREACHABLE" });
  });
  if (!answer.response.ok) throw new ApiError(answer.response.status, answer.error);
  return answer.data as NonNullable<FetchResponse<R, O, M>["data"]>;
}
