import { errorOf } from "./sender.ts";
import type { Surroundings } from "./surroundings.ts";
import {
  SignalpathError,
  type Recommendation,
  type RecommendedItem,
  type RecommendOptions,
} from "./types.ts";
import { API_KEY_HEADER } from "./wire.ts";

const REQUEST_MS = 10_000;
type Answer = Omit<Recommendation, "items"> & {
  items: Omit<RecommendedItem, "request_id" | "position">[];
};

/**
 * A list for a person; each item carries the request and place that events about it name.
 * @throws SignalpathError for any answer but a success, and for none within 10 s.
 */
export async function askForList(
  around: Pick<Surroundings, "fetch">,
  at: { endpoint: string; key: string; unit: string },
  options: RecommendOptions,
): Promise<Recommendation> {
  let answer: Response;
  try {
    answer = await around.fetch(`${at.endpoint}/api/recommend?${queryOf(at.unit, options)}`, {
      headers: { [API_KEY_HEADER]: at.key },
      credentials: "omit",
      signal: AbortSignal.timeout(REQUEST_MS),
    });
  } catch (cause) {
    throw new SignalpathError(0, "NO_ANSWER", "the recommender does not answer", { cause });
  }
  if (!answer.ok) throw await errorOf(answer);
  const list = (await answer.json()) as Answer;
  const { request_id } = list;
  const items = list.items.map((item) => ({ ...item, request_id, position: item.rank }));
  return { ...list, items };
}

function queryOf(unit: string, options: RecommendOptions): URLSearchParams {
  const query = new URLSearchParams({ user_id: unit });
  const { limit, filter, exclude, includeContent = true, near } = options;
  if (limit !== undefined) query.set("limit", String(limit));
  if (filter !== undefined) query.set("filter", filter);
  if (exclude !== undefined && exclude.length > 0) query.set("exclude", exclude.join(","));
  if (includeContent) query.set("include_content", "true");
  if (near !== undefined) {
    query.set("near_lat", String(near.lat));
    query.set("near_lon", String(near.lon));
    if (near.radiusM !== undefined) query.set("geo_radius_m", String(near.radiusM));
  }
  return query;
}
