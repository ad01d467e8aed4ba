import { prediction } from "@signalpath/contracts";
import { LIST_LENGTH, type Parts } from "@signalpath/models";

import { apiKeyHeader, createClient } from "../../../client.ts";
import { CliError, EXIT } from "../../../exit-codes.ts";
import type { Io } from "../../../io.ts";
import type { Settings } from "../../../settings.ts";
import type { System } from "../open-system.ts";
import type { ServedVersion } from "./serve-model.ts";

const GIVE_UP_MS = 60_000;
/** Longest list the gateway predicts. */
const LONGEST = 1_000;

type Lists = ReadonlyMap<string, readonly string[]>;

/** What everybody is shown, and what the model behind it says by itself. */
interface EverybodysLists {
  pipeline: Lists;
  model: Lists;
}

/**
 * The list of each person of the split through `GET /api/recommend`, and that of the same version
 * through `/inference/predict`, without what the person has in the training part.
 * @throws CliError where a list was made with another model.
 */
export async function listsOfEverybody(
  io: Io,
  { system, settings }: { system: System; settings: Settings },
  { served, tests, ownOf }: ListsWish,
  onFraction: (fraction: number) => void,
): Promise<EverybodysLists> {
  const auth = apiKeyHeader(settings.key("api_key"));
  const client = createClient(io, { url: settings.url, auth, giveUpMs: GIVE_UP_MS });
  const pipeline = new Map<string, readonly string[]>();
  const model = new Map<string, readonly string[]>();
  for (const [at, { user }] of tests.entries()) {
    io.signal.throwIfAborted();
    const shown = await system.recommend(user, LIST_LENGTH);
    if (shown.model?.model_id !== served.model_id || shown.model.version !== served.version) {
      const message = `the list of ${user} was made without version ${served.version}`;
      throw new CliError("UNAVAILABLE", message, EXIT.unavailable);
    }
    pipeline.set(user, shown.items);
    const own = ownOf(user);
    const { items } = await client.call({
      method: "POST",
      path: `/inference/predict/${served.model_id}`,
      body: { user_id: user, cutoff: Math.min(LONGEST, LIST_LENGTH + own.size), fallback: true },
      response: prediction,
    });
    const others = items.map(({ item_id }) => item_id).filter((item) => !own.has(item));
    model.set(user, others.slice(0, LIST_LENGTH));
    onFraction((at + 1) / tests.length);
  }
  return { pipeline, model };
}

interface ListsWish {
  served: ServedVersion;
  tests: Parts["tests"];
  /** What a person has in the training part. */
  ownOf: (user: string) => ReadonlySet<string>;
}
