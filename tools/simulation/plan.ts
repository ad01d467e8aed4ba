import { createRandom, type Random } from "./random.ts";
import { DEVICES, ITEMS, LABELS, USERS, type Said, type Step } from "./steps.ts";

const SECOND = 1_000;
const DAY = 24 * 3_600 * SECOND;

/** How much of everything; drawn anew for every schedule, so that some kinds crowd together. */
type Weights = Record<Step["do"], number>;

const BASE: Weights = {
  publish: 12,
  deliver: 14,
  turn: 40,
  hold: 3,
  crash: 3,
  start: 4,
  expire: 3,
  replay: 2,
  wipe: 1,
  snapshot: 1.5,
  rollback: 1.5,
  lose: 1.5,
  evict: 1,
  advance: 4,
  erase: 2,
  "crash-eraser": 1,
  content: 1.5,
  refresh: 1,
  rebuild: 0.5,
  beat: 2,
  "bus-back": 1,
  rest: 2.5,
};

const KINDS = Object.keys(BASE) as Step["do"][];

/** Steps of a schedule, from its seed alone. */
export function planOf(seed: number): Step[] {
  const random = createRandom(seed);
  const weights = { ...BASE };
  for (const kind of KINDS) {
    if (kind === "publish" || kind === "deliver" || kind === "turn") continue;
    // Swarm: a third of the kinds is absent, some come in numbers.
    weights[kind] *= random.chance(0.35) ? 0 : random.chance(0.2) ? 3 : 1;
  }
  const people = random.pick([2, 3, 6, 6]);
  const failing = random.pick([0, 0, 0.1]);
  const length = 15 + random.int(60);
  return Array.from({ length }, () => stepOf(random, weights, people, failing));
}

/** A schedule with one person of more events than a buffer keeps. */
export function floodOf(seed: number): Step[] {
  const steps = planOf(seed).slice(0, 30);
  const random = createRandom(seed ^ 0x5f5f5f5f);
  const flood: Step = { do: "publish", said: saidBy(random, 2), copies: 2_030 };
  return steps.toSpliced(random.int(steps.length), 0, flood);
}

function kindOf(random: Random, weights: Weights): Step["do"] {
  let left = random.next() * KINDS.reduce((sum, kind) => sum + weights[kind], 0);
  for (const kind of KINDS) {
    left -= weights[kind];
    if (left < 0) return kind;
  }
  return "turn";
}

function stepOf(random: Random, weights: Weights, people: number, failing: number): Step {
  const kind = kindOf(random, weights);
  const worker = random.int(2);
  const pick = random.int(64);
  const who = random.pick(random.chance(0.7) ? USERS.slice(0, people) : DEVICES);
  switch (kind) {
    case "publish":
      return { do: kind, said: saidBy(random, people), copies: 1 };
    case "deliver": {
      const [durable, count] = [random.chance(0.75) ? 0 : random.int(3), 1 + random.int(5)];
      return { do: kind, worker, durable, count, shuffle: random.int(1 << 20) };
    }
    case "turn": {
      const fate = random.chance(failing) ? random.pick(["lost", "unanswered"] as const) : "done";
      return { do: kind, pick, more: random.pick([0, 0, 1, 2, 4, 8, 16]), fate };
    }
    case "crash":
    case "start":
    case "beat":
    case "bus-back":
      return { do: kind, worker };
    case "hold":
    case "expire":
    case "replay":
      return { do: kind, pick };
    case "lose": {
      const [buffer, model] = [random.chance(0.6), random.chance(0.4)];
      return { do: kind, key: pick, lost: { buffer, model, meta: random.chance(0.5) } };
    }
    case "evict":
      return { do: kind, key: pick };
    case "advance":
      return {
        do: kind,
        ms: random.pick([1, 1, SECOND, SECOND, 61 * SECOND, 130 * SECOND, 11 * DAY, 31 * DAY]),
      };
    case "erase":
    case "refresh":
      return { do: kind, who };
    case "rebuild":
      return { do: kind, worker, who };
    case "content":
      return { do: kind, item: random.pick(ITEMS), label: random.pick(LABELS) };
    case "wipe":
    case "snapshot":
    case "rollback":
    case "crash-eraser":
    case "rest":
      return { do: kind };
  }
}

const OFFSETS = [0, -SECOND, -2 * SECOND, -60 * SECOND, 240 * SECOND, 10, -12 * DAY, -29.9 * DAY];

/** Few ids, so that many events share one and differ in the rest. */
function saidBy(random: Random, people: number): Said {
  const who = random.pick(["user", "user", "device", "device", "both", "both", "alias", "bot"]);
  const users = USERS.slice(0, people);
  const event_id = `e${random.int(24)}`;
  const offsetMs = random.pick(OFFSETS.slice(0, random.chance(0.3) ? 8 : 5)) + random.int(3);
  return {
    event_id,
    offsetMs,
    ...whatOf(random),
    ...(who === "device" ? {} : { user_id: random.pick(users) }),
    ...(who === "user" || who === "bot" ? {} : { anonymous_id: random.pick(DEVICES) }),
    ...(who === "alias" ? { previous_id: random.pick([...users, ...DEVICES]) } : {}),
    ...(who === "bot" ? { is_bot: true } : {}),
  };
}

function whatOf(random: Random): Pick<Said, "kind" | "item_id" | "reaction" | "traits"> {
  const kind = random.pick(["feedback", "feedback", "served", "identified"] as const);
  if (kind === "identified") return { kind, traits: { likes: random.pick(LABELS) } };
  const item_id = random.pick(ITEMS);
  if (kind === "served") return { kind, item_id };
  return { kind, item_id, reaction: random.pick(["like", "dislike", "done", "click"] as const) };
}
