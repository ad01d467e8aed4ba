import {
  addObservations,
  buildUserSignals,
  createPoolScorer,
  crossFit,
  emptyLearnerSums,
  estimateOffPolicy,
  greedyPolicy,
  loggedSlotsOf,
  observationsOf,
  posteriorOf,
  reactionBits,
  type ContentItem,
  type CrossFittedSlot,
  type PersonalList,
  type Outcome,
  type SignalEvent,
  type UserSignals,
} from "@signalpath/domain";

const NOW_MS = Date.UTC(2026, 5, 12, 12);
const DAY_MS = 86_400_000;
const THEMES = 12;
const ITEMS = 240;
const VISITORS = 60;
const PLACES = 10;
/** Impressions are learned from in so many lists at a time: feedback comes late. */
const BATCH = 20;
const CURVE_POINTS = 50;

/** Whom lists are made for, and what is true of them. */
interface Visitor {
  model: UserSignals;
  theme: number;
}

interface World {
  items: readonly ContentItem[];
  visitors: readonly Visitor[];
  quality: readonly number[];
  trend: readonly number[];
}

/** Cumulative regret after so many lists. */
export interface RegretPoint {
  lists: number;
  static: number;
  bandit: number;
}

export interface SimulationReport {
  curve: readonly RegretPoint[];
  /** Mean regret a list in the last quarter: what it has come down to. */
  late: { static: number; bandit: number };
  sameAtFirst: boolean;
  exploredShare: number;
  slots: readonly CrossFittedSlot[];
  /** What the static ranking is estimated to earn in explored places, and what it truly would. */
  staticEstimate: { value: number; low: number; high: number; truth: number };
  status: string;
  /** Milliseconds to make one list from a scored pool, and mean bytes of what is logged of one. */
  cost: { staticMs: number; banditMs: number; loggedBytes: number };
}

/**
 * Lists for visitors whose tastes are known, ranked by the static weights and by a bandit that
 * starts with them. A visitor does what they do with a probability that is a function of theme and
 * quality alone; the static weights of people with a model do not look at quality. Regret is what
 * the ten most probable items would have earned beyond those that were shown.
 * @param random uniform numbers in [0, 1); the same ones, the same report.
 */
export function simulateLearning(lists: number, random: () => number): SimulationReport {
  const world = createWorld(random);
  const scorer = createPoolScorer();
  const byId = new Map(world.items.map((item, at) => [item.item_id, at]));
  const made: PersonalList[] = [];
  const curve: RegretPoint[] = [];
  const regret = { static: 0, bandit: 0 };
  const late = { static: 0, bandit: 0 };
  let sums = emptyLearnerSums();
  let posterior = posteriorOf(sums);
  let waiting: PersonalList[] = [];
  const cost = { staticMs: 0, banditMs: 0, loggedBytes: 0 };
  let explored = 0;
  let truth = 0;
  let sameAtFirst = true;

  for (let n = 1; n <= lists; n++) {
    const visitor = world.visitors[Math.floor(random() * VISITORS)]!;
    const chance = (id: string): number => chanceOf(world, visitor, byId.get(id)!);
    const pool = scorer(inputOf(world, visitor, byId));
    const wish = { exclude: new Set<string>(), limit: PLACES, reasonsPerItem: 1 };
    const beganAt = performance.now();
    const plain = pool.list(wish).ranking.items;
    const plainAt = performance.now();
    const { shift } = posterior;
    const learned = { shift, posterior, seed: `request-${n}` };
    const { ranking, decision } = pool.list({ ...wish, learned });
    cost.banditMs += (performance.now() - plainAt) / lists;
    cost.staticMs += (plainAt - beganAt) / lists;
    cost.loggedBytes += JSON.stringify(decision).length / lists;
    const best = world.items
      .map(({ item_id }) => chance(item_id))
      .sort((a, b) => b - a)
      .slice(0, PLACES)
      .reduce((sum, value) => sum + value, 0);
    const earned = (shown: readonly { item_id: string }[]) =>
      shown.reduce((sum, { item_id }) => sum + chance(item_id), 0);
    const lost = { static: best - earned(plain), bandit: best - earned(ranking.items) };
    regret.static += lost.static;
    regret.bandit += lost.bandit;
    if (n > (lists * 3) / 4) {
      late.static += lost.static;
      late.bandit += lost.bandit;
    }
    if (n === 1)
      sameAtFirst = plain.every((item, at) => item.item_id === ranking.items[at]?.item_id);
    explored += ranking.items.filter((item) => item.explored).length;
    const outcomes: Record<string, Outcome> = {};
    for (const { item_id } of ranking.items) {
      const isDone = random() < chance(item_id);
      outcomes[item_id] = { shown: true, reactions: isDone ? reactionBits("done") : 0 };
    }
    const user_key = String(world.visitors.indexOf(visitor));
    const list = { request_id: `request-${n}`, user_key, decision, outcomes };
    made.push(list);
    for (const one of loggedSlotsOf(list)) {
      const own = one.slot.actions.toSorted((a, b) => b.static_score - a.static_score)[0]!;
      truth += chance(own.item_id);
    }
    waiting.push(list);
    if (waiting.length === BATCH) {
      sums = addObservations(sums, waiting.flatMap(observationsOf));
      posterior = posteriorOf(sums);
      waiting = [];
    }
    if (n % Math.ceil(lists / CURVE_POINTS) === 0) curve.push({ lists: n, ...regret });
  }
  const slots = crossFit(made);
  const policy = greedyPolicy(({ static_score }) => static_score);
  const estimate = estimateOffPolicy(slots, policy);
  return {
    curve,
    late: { static: late.static / (lists / 4), bandit: late.bandit / (lists / 4) },
    sameAtFirst,
    exploredShare: explored / (lists * PLACES),
    slots,
    staticEstimate: { ...estimate.doublyRobust, truth: truth / Math.max(1, slots.length) },
    status: posterior.status,
    cost,
  };
}

/** Probability that a visitor does something with an item. */
function chanceOf({ quality }: World, { theme }: Visitor, item: number): number {
  const isOwn = item % THEMES === theme;
  return 0.02 + (isOwn ? 0.3 : 0) + 0.5 * quality[item]! ** 2;
}

function createWorld(random: () => number): World {
  const items = Array.from({ length: ITEMS }, (_, n): ContentItem => ({
    item_id: `i${n}`,
    title: `Item ${n}`,
    tags: [{ facet: "theme", label: `theme ${n % THEMES}` }],
    published_at: new Date(NOW_MS - Math.floor(random() * 60 * DAY_MS) - DAY_MS).toISOString(),
  }));
  const byId = new Map(items.map((item) => [item.item_id, item]));
  const visitors = Array.from({ length: VISITORS }, (_, n): Visitor => {
    const theme = n % THEMES;
    const events = [0, 1, 2, 3, 4].map((k): SignalEvent => {
      const at = new Date(NOW_MS - (k + 1) * 3_600_000).toISOString();
      const item_id = `i${theme + THEMES * ((n + k) % (ITEMS / THEMES))}`;
      const ids = { event_id: `e${n}-${k}`, project_id: 1, user_id: `u${n}` };
      return {
        ...ids,
        kind: "feedback",
        reaction: "like",
        item_id,
        occurred_at: at,
        received_at: at,
      };
    });
    return { theme, model: buildUserSignals(events.toReversed(), (id) => byId.get(id)) };
  });
  const quality = items.map(() => random());
  return { items, visitors, quality, trend: items.map(() => random()) };
}

function inputOf(world: World, { model }: Visitor, byId: ReadonlyMap<string, number>) {
  const { items, quality, trend } = world;
  const signals = (id: string) => {
    const at = byId.get(id);
    if (at === undefined) return undefined;
    return { trend: trend[at]!, quality: quality[at]!, popularity: trend[at]! };
  };
  return {
    model,
    candidates: items.map((item) => ({ item, sources: ["popular" as const] })),
    itemSignals: signals,
    neighbours: () => [],
    content: (id: string) => items[byId.get(id) ?? -1],
    nowMs: NOW_MS,
    near: undefined,
  };
}
