// `npx tsx tools/evaluate/embedding-spaces.ts <MovieLens folder> [name=JSON ...]`: the default list on
// the validation part of split B, with vectors of one space after the other. docs/quality.md has the
// protocol. Each argument names a space and says what it is trained with and what the ranking changes:
// ials-32='{"method":"ials","dimensions":32,"lambda":0.01,"ranking":{"weights":{"semantic":0.2}}}'.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { stringAt, stringCount } from "@signalpath/contracts";
import {
  bootstrapInterval,
  createNeighbourAccumulator,
  createPoolScorer,
  createUserSignalsBuilder,
  mean,
  candidatesOf,
  ndcg,
  planCandidates,
  popularCandidates,
  rankingConfig,
  rowsByUser,
  seenSet,
  splitByTime,
  type ContentItem,
  type ItemSignals,
  type Neighbour,
  type RankingOverrides,
  type SignalEvent,
} from "@signalpath/domain";
import {
  createItemPlaces,
  trainEmbedding,
  type Embedding,
  type KnownVectors,
} from "@signalpath/embeddings";
import { buildInteractions, createRandom, ials } from "@signalpath/models";
import { createMemoryContentStore, type ContentStore } from "@signalpath/ports";

import { readRatings } from "./movielens.ts";

type Ratings = Awaited<ReturnType<typeof readRatings>>["ratings"];

interface Variant {
  method?: "tags" | "ials" | undefined;
  dimensions?: number | undefined;
  lambda?: number | undefined;
  ranking?: RankingOverrides;
}

const NOW_MS = Date.UTC(2026, 0, 1);
const SEED = 7;
const PROJECT = 1;
const LIKED_FROM = 3.5;

const [folder = "", ...asked] = process.argv.slice(2);
const variants = asked.map((argument): [string, Variant] => {
  const [name = "", json = "{}"] = argument.split(/=(.*)/s);
  return [name, JSON.parse(json) as Variant];
});
const { ratings } = await readRatings(folder);
const compareItems = (left: string, right: string) => Number(left) - Number(right);
// The validation part: the same split of the training part. The test part is not looked at.
const { train, test } = splitByTime(splitByTime(ratings, { compareItems }).train, { compareItems });
const catalogue = await readCatalogue(folder);
const relevant = new Map(
  [...rowsByUser(test)].map(([user, rows]) => [user, new Set(rows.map((row) => row.item_id))]),
);
const events = eventsOf(train);
const { neighbours, signals } = statsOf(train);

console.log("| space | ndcg@10 | ndcg@20 | more than without | found by | s |");
const spaces = new Map<string, Promise<Embedding>>();
let without: number[] | undefined;
for (const [name, variant] of [["no vectors", {}] as [string, Variant], ...variants]) {
  const startedAt = performance.now();
  const made = await listsOf(variant);
  const users = [...relevant.keys()];
  const each = (k: number) =>
    users.map((user) => ndcg(made.lists.get(user) ?? [], relevant.get(user)!, k));
  const twenty = each(20);
  without ??= twenty;
  const more = twenty.map((value, at) => value - without![at]!);
  const [low, high] = bootstrapInterval(more, { random: createRandom(SEED, "bootstrap") });
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const difference = `${mean(more).toFixed(4)} (${low.toFixed(4)} - ${high.toFixed(4)})`;
  console.log(
    `| ${name} | ${mean(each(10)).toFixed(4)} | ${mean(twenty).toFixed(4)} | ${difference} | ${made.sources} | ${seconds} |`,
  );
}

async function readCatalogue(path: string): Promise<ContentItem[]> {
  const [, ...lines] = (await readFile(join(path, "movies.csv"), "utf8")).trimEnd().split("\n");
  return lines.map((line) => {
    const [, item_id = "", quoted = "", plain = "", genres = ""] =
      /^(\d+),(?:"(.*)"|([^"]*)),([^,]*)$/.exec(line.trim()) ?? [];
    const labels = genres === "(no genres listed)" ? [] : genres.split("|");
    const tags = labels.map((label) => ({ facet: "genre", label }));
    return { item_id, title: quoted || plain, tags };
  });
}

function eventsOf(rows: Ratings): Map<string, SignalEvent[]> {
  const found = new Map<string, SignalEvent[]>();
  for (const [user, own] of rowsByUser(rows)) {
    const said = own.map(({ item_id, rating, time }, at): SignalEvent => {
      const when = new Date(time * 1_000).toISOString();
      return {
        event_id: `${user}-${at}`,
        project_id: PROJECT,
        user_id: user,
        kind: "feedback",
        reaction: "rating",
        rating: Math.max(1, rating),
        item_id,
        occurred_at: when,
        received_at: when,
      };
    });
    found.set(user, said);
  }
  return found;
}

function statsOf(rows: Ratings) {
  const accumulator = createNeighbourAccumulator();
  const counts = new Map<string, number>();
  const liked = rows.filter(({ rating }) => rating >= LIKED_FROM);
  for (const own of rowsByUser(liked).values()) {
    const newest = own.toSorted((a, b) => b.time - a.time);
    accumulator.add(newest.map(({ item_id, rating }) => ({ item_id, weight: (rating - 3) / 2 })));
    for (const { item_id } of own) counts.set(item_id, (counts.get(item_id) ?? 0) + 1);
  }
  const lists = new Map([...accumulator.lists()].map((one) => [one.item_id, one.neighbours]));
  const most = Math.max(...counts.values());
  // Nobody trends: see the protocol.
  const itemSignals = new Map(
    [...counts].map(([id, count]): [string, ItemSignals] => [
      id,
      { trend: 0, trend6h: 0, trend7d: 0, quality: 0, popularity: count / most },
    ]),
  );
  const none: readonly Neighbour[] = [];
  return { neighbours: (id: string) => lists.get(id) ?? none, signals: itemSignals };
}

/** Trained once, however many rankings are tried with it. */
function spaceOf({ method, dimensions, lambda }: Variant): Promise<Embedding> {
  const training = { method, dimensions, lambda };
  const name = JSON.stringify(training);
  const made = spaces.get(name) ?? trained(training);
  spaces.set(name, made);
  return made;
}

async function trained({ method, dimensions, lambda }: Variant): Promise<Embedding> {
  const known = method === "ials" ? await factors(dimensions) : undefined;
  return trainEmbedding(catalogue, {
    random: createRandom(SEED, "embedding"),
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(lambda === undefined ? {} : { lambda }),
    ...(known === undefined ? {} : { known }),
  });
}

async function factors(dimensions: number | undefined): Promise<KnownVectors> {
  const interactions = buildInteractions(
    train.map(({ user_id, item_id, time }) => ({
      user_id,
      item_id,
      weight: 1,
      time: time * 1_000,
    })),
  );
  const random = createRandom(SEED, "factors");
  const parameters = dimensions === undefined ? {} : { factors: dimensions };
  const { items, core } = await ials.train(interactions, parameters, { random });
  const counts = new Float64Array(stringCount(items));
  for (const item of interactions.matrix.indices) counts[item]!++;
  return {
    method: "ials",
    dimensions: core.factors,
    itemIds: Array.from(counts, (_, row) => stringAt(items, row)),
    vectors: core.itemFactors,
    counts,
    foldIn: core.foldIn,
  };
}

/** The first twenty of everybody who has something to find, made as the recommender makes them. */
async function listsOf(variant: Variant) {
  const space = variant.method === undefined ? undefined : await spaceOf(variant);
  const places = space && createItemPlaces(space);
  const placed = catalogue.map((item) => {
    const vector = places?.vectorOf(item);
    return vector === undefined ? item : { ...item, vector };
  });
  const store = createMemoryContentStore();
  await store.upsert(PROJECT, placed);
  const content = new Map(placed.map((item) => [item.item_id, item]));
  const lookups = { neighbours, content: (id: string) => content.get(id) };
  const config = rankingConfig(variant.ranking ?? {});
  const build = createUserSignalsBuilder();
  const score = createPoolScorer();
  const popular = popularCandidates(signals, 1_000);
  const lists = new Map<string, string[]>();
  const counted: Record<string, number> = {};
  for (const user of relevant.keys()) {
    const inSpace = space && { id: "measured", foldIn: space.foldIn };
    const model = build(events.get(user) ?? [], lookups.content, undefined, inSpace);
    const queries = planCandidates({ model, near: undefined, ...lookups }, config);
    const seen = seenSet(model);
    const found = await Promise.all(queries.map((query) => search(store, query, seen, popular)));
    const input = {
      model,
      candidates: candidatesOf(found),
      itemSignals: (id: string) => signals.get(id),
      ...lookups,
      nowMs: NOW_MS,
      near: undefined,
      profile: undefined,
    };
    const { ranking } = score(input, config).list({
      exclude: new Set(),
      limit: 20,
      reasonsPerItem: 1,
    });
    lists.set(
      user,
      ranking.items.map(({ item_id }) => item_id),
    );
    for (const [source, n] of Object.entries(ranking.sources)) {
      counted[source] = (counted[source] ?? 0) + n / relevant.size;
    }
  }
  const sources = Object.entries(counted).map(([source, n]) => `${source} ${Math.round(n)}`);
  return { lists, sources: sources.join(", ") };
}

type Query = ReturnType<typeof planCandidates>[number];

async function search(
  store: ContentStore,
  query: Query,
  seen: ReadonlySet<number>,
  popular: readonly string[],
) {
  const filter = { seen, nowMs: NOW_MS };
  const items = (scored: readonly { item: ContentItem }[]) => scored.map(({ item }) => item);
  const { source, k } = query;
  const byIds = async (ids: readonly string[]) => store.get(PROJECT, ids.slice(0, k));
  if (source === "vector") {
    return { source, items: items(await store.searchVector(PROJECT, query.vector, k, filter)) };
  }
  if (source === "tag") {
    return { source, items: items(await store.searchTags(PROJECT, query.weights, k, filter)) };
  }
  if (source === "item_to_item" || source === "collaborative") {
    return { source, items: await byIds(query.ids) };
  }
  if (source === "new") return { source, items: items(await store.newest(PROJECT, k, filter)) };
  return { source, items: source === "popular" ? await byIds(popular) : [] };
}
