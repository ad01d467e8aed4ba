import { setTimeout as sleep } from "node:timers/promises";

import { encodeUserSignals } from "@signalpath/domain";

import { expectedModels, judge, splitPeople, type Verdict } from "./oracle.ts";
import { createPeople } from "./people.ts";
import { startReader, type Reader } from "./reader.ts";
import { startSender, type Sender } from "./sender.ts";
import type { World } from "./world.ts";

export interface CaseContext {
  world: World;
  seed: number;
  random: () => number;
  /** Disturbances and pauses of a case are this much of the long form's. */
  scale: number;
}

/** One line of the table. */
export interface Row {
  name: string;
  seed: number;
  events: number;
  accepted: number;
  unknown: number;
  lost: number;
  twice: number;
  modelsWrong: number;
  people: number;
  outageS: number;
  catchUpS: number;
  /** Undefined where no broker counts. */
  redeliveredPercent: number | undefined;
  notes: string[];
  /** Empty = every promise held. */
  violations: string[];
}

export interface Load {
  tag: string;
  sender: Sender;
  reader: Reader;
  notes: string[];
  violations: string[];
}

export interface LoadOptions {
  name: string;
  rate?: number;
  strict?: boolean;
  /** Share of the requests that come as RudderStack. */
  rudder?: number;
  /** Recommend may fail: its own process is killed. */
  readerMayFail?: boolean;
  disturb: (load: Load) => Promise<void>;
}

const PEOPLE = 40;
const SETTLE_MS = 60_000;
const CATCH_UP_MS = 120_000;

/**
 * Sends events and asks for lists while `disturb` does harm; afterwards every answer is held
 * against the stores, and every stored model against the pure core.
 */
export async function underLoad(ctx: CaseContext, options: LoadOptions): Promise<Row> {
  const { world, random, seed } = ctx;
  const tag = `${options.name}${seed}`;
  const before = await world.stores.consumer();
  const reader = startReader({
    urls: world.apps.recommender.map(({ url }) => url),
    key: world.keys.api,
    userId: `${tag}-user-0`,
  });
  const sender = startSender({
    urls: world.apps["ingest-webhook"].map(({ url }) => url),
    key: world.keys.write,
    next: createPeople(tag, PEOPLE, world.items.length, random),
    rate: options.rate ?? 150,
    random,
    strict: options.strict === true,
    rudder: options.rudder ?? 0,
  });
  const load: Load = { tag, sender, reader, notes: [], violations: [] };
  try {
    await sleep(1_000);
    await options.disturb(load);
    await sleep(500);
  } finally {
    await Promise.all([sender.finish(SETTLE_MS), reader.stop()]);
  }
  const calm = performance.now();
  const state = await untilRight(world, tag, sender);
  const after = await world.stores.consumer();
  if (options.readerMayFail !== true && reader.failed() > 0) {
    load.violations.push(`recommend failed ${reader.failed()} times: ${reader.seen()}`);
  }
  load.violations.push(...sender.complaints.slice(0, 3), ...state.problems, ...world.dead());
  load.notes.push(`answers ${[...sender.ledger.seen].map((pair) => pair.join(" ")).join(", ")}`);
  return {
    name: options.name,
    seed,
    events: sender.ledger.entries.size,
    accepted: sender.ledger.count("accepted"),
    unknown: sender.ledger.count("unknown"),
    lost: state.verdict.lost.length,
    twice: state.verdict.countedWrong,
    modelsWrong: state.wrong.length,
    people: state.people,
    outageS: sender.ledger.outageSeconds(),
    catchUpS: (performance.now() - calm) / 1_000,
    redeliveredPercent: redelivered(before, after),
    notes: load.notes,
    violations: load.violations,
  };
}

interface State {
  verdict: Verdict;
  wrong: string[];
  people: number;
  problems: string[];
}

/** Waits until the stores are what they must be; what is not so in time is the finding. */
async function untilRight(world: World, tag: string, sender: Sender): Promise<State> {
  const deadline = performance.now() + CATCH_UP_MS;
  for (;;) {
    const { num_pending, num_ack_pending } = await world.stores.consumer();
    const isLate = performance.now() > deadline;
    if ((num_pending === 0 && num_ack_pending === 0) || isLate) {
      const state = await inspect(world, tag, sender);
      if (state.problems.length === 0 || isLate) return state;
    }
    await sleep(300);
  }
}

async function inspect(world: World, tag: string, sender: Sender): Promise<State> {
  const remains = await world.stores.remains();
  const verdict = judge(tag, sender.ledger, remains);
  const expected = expectedModels(tag, remains.archived, world.items);
  const wrong: string[] = [];
  for (const [owner, { text, person }] of expected) {
    const stored = await world.stores.models.get(owner);
    if (stored.status !== "ok" || encodeUserSignals(stored.model) !== text) wrong.push(person);
  }
  const split = splitPeople(tag, remains.archived);
  const problems = [
    ...named("lost", verdict.lost),
    ...named("stored though refused or never sent", verdict.invented),
    ...(verdict.countedWrong === 0 ? [] : [`counters off by ${verdict.countedWrong}`]),
    ...named("wrong models", wrong),
    ...named("people with two models", split),
  ];
  return { verdict, wrong, people: expected.size, problems };
}

function named(what: string, ids: readonly string[]): string[] {
  return ids.length === 0 ? [] : [`${ids.length} ${what}: ${ids.slice(0, 5).join(" ")}`];
}

type Delivered = { delivered: { consumer_seq: number; stream_seq: number } };

/** Deliveries beyond the first of each message, in percent of the messages. */
function redelivered(before: Delivered, after: Delivered): number {
  const messages = after.delivered.stream_seq - before.delivered.stream_seq;
  const deliveries = after.delivered.consumer_seq - before.delivered.consumer_seq;
  return messages <= 0 ? 0 : (Math.max(0, deliveries - messages) / messages) * 100;
}
