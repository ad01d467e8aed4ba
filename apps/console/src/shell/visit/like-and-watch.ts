import { type ApiClient, dataOf } from "../../api/client.ts";
import type { Schema } from "../../api/types.ts";

type List = Schema<"RecommendResponse">;
type Model = Schema<"UserModel">;

/** A list and the model it was made from. */
export interface Seen {
  list: List;
  /** Events the model was built from; 0 = there is none. */
  events: number;
}

/** What a like led to; `after` undefined = no newer model came in time. */
export interface Outcome {
  before: Seen;
  after: Seen | undefined;
  ms: number;
}

const PATIENCE_MS = 30_000;
const PAUSE_MS = 100;

export async function look(api: ApiClient, userId: string): Promise<Seen> {
  const query = { user_id: userId, limit: 10, explain: "true", include_content: "true" } as const;
  const list = await dataOf(api.GET("/api/recommend", { params: { query } }));
  if (list.model_revision === null) return { list, events: 0 };
  const params = { query: { user_id: userId } };
  const model: Model = await dataOf(api.GET("/api/usermodel", { params }));
  return { list, events: model.n_events };
}

/** Sends a like as any sender does, and looks until the list is of a model that holds it. */
export async function likeAndWatch(
  api: ApiClient,
  userId: string,
  itemId: string,
): Promise<Outcome> {
  const before = await look(api, userId);
  const startedAt = performance.now();
  const event = {
    type: "track",
    event: "Tip Feedback",
    messageId: crypto.randomUUID(),
    userId,
    properties: { item_id: itemId, reaction: "like", request_id: before.list.request_id },
  };
  // Senders write many shapes; the document names one of them.
  await dataOf(api.POST("/api/ingest", { body: event as never }));
  const elapsed = () => performance.now() - startedAt;
  while (elapsed() < PATIENCE_MS) {
    const after = await look(api, userId);
    const isNewer = after.list.model_revision !== before.list.model_revision;
    const isShown = after.list.items.some(({ item_id }) => item_id === itemId);
    if (isNewer && !isShown) return { before, after, ms: elapsed() };
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return { before, after: undefined, ms: elapsed() };
}
